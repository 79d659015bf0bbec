import { confusionMatrix, quadraticKappa } from "../evaluation/agreement.js";
import { proportion } from "../evaluation/intervals.js";
import { URGENCIES, type Urgency } from "../labels.js";
import { readLoad, readMachine } from "./machine.js";
import {
  type AgreementReport,
  type BenchmarkReport,
  findNoise,
  type LatencyReport,
  type ModelReport,
  type QualityReport,
  type ServerReport,
} from "./report.js";
import type { TextSet } from "./sample-messages.js";
import type { ScenarioResult } from "./scenarios.js";
import { startWorker, type Worker } from "./start-worker.js";
import { curveOf, median, spreadOf, summarize } from "./statistics.js";

/** What is measured, and for how long. */
export interface BenchmarkOptions {
  /** Per model, how a program is started that calls `runWorker`. */
  readonly models: ReadonlyArray<readonly string[]>;
  /** The scenarios use the one named by `scenarioTexts`; latencies are of all. */
  readonly texts: readonly TextSet[];
  /** Index of the messages for the scenarios and the throughput. */
  readonly scenarioTexts: number;
  readonly rounds: number;
  readonly roundMs: number;
  /** Before the first round, on every set of messages: the engine compiles what has run often; 500 by default. */
  readonly warmUpMs?: number;
  readonly coldStarts: number;
  /** Most processes at a time. */
  readonly cores: number;
  /** Messages at once in the multi stream scenario; MLPerf has 8. */
  readonly streams: number;
  /** Messages a second in the server scenario; without any, shares of what each model does offline. */
  readonly rates: readonly number[];
  readonly latencyBoundMs: number;
  readonly seed: number;
  readonly quality?: readonly QualityReport[];
  /** Called as the benchmark advances, with steps done and steps in all. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Shares of a model's own throughput at which it is asked to keep up. */
const DEFAULT_LOADS: readonly number[] = [0.25, 0.5, 0.75, 0.9];

const DEFAULT_WARM_UP_MS = 500;

/**
 * Runs all models in turn and measures them.
 *
 * @throws EarshotError what a model failed with
 */
export async function runBenchmark(options: BenchmarkOptions): Promise<BenchmarkReport> {
  const { models, texts, rounds, coldStarts, cores, quality } = options;
  const startedAt = new Date();
  const before = readLoad();
  const total =
    coldStarts * models.length +
    rounds * texts.length * models.length +
    models.length * (1 + processCounts(cores).length);
  let done = 0;
  const advance = (): void => {
    done += 1;
    options.onProgress?.(done, total);
  };

  const coldStartMs = await measureColdStarts(options, advance);
  const workers: Worker[] = [];
  const reports: ModelReport[] = [];
  let agreement: readonly AgreementReport[] = [];
  try {
    for (const command of models) workers.push(await startWorker(command));
    for (const worker of workers) for (const { messages } of texts) await worker.ask({ kind: "texts", messages });
    const latency = await measureLatency(workers, options, advance);
    agreement = await compareLevels(workers, texts);
    for (const [index, worker] of workers.entries()) {
      const scenarios = await measureScenarios(worker, latency[index], options);
      const { peakBytes } = await worker.ask({ kind: "memory" });
      const { name, modelBytes, loadMs, residentBytes } = worker.ready;
      reports.push({
        name,
        modelBytes,
        coldStartMs: summarize(coldStartMs[index]),
        loadMs,
        residentBytes: { rest: residentBytes, peak: peakBytes },
        latency: latency[index],
        scenarios,
        throughput: [],
      });
      advance();
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
  const withThroughput: ModelReport[] = [];
  for (const [index, report] of reports.entries())
    withThroughput.push({ ...report, throughput: await measureThroughput(models[index], options, advance) });

  const load = { before, after: readLoad() };
  return {
    schemaVersion: 1,
    startedAt: startedAt.toISOString(),
    seconds: (Date.now() - startedAt.getTime()) / 1000,
    machine: readMachine(),
    load,
    settings: {
      rounds,
      roundMs: options.roundMs,
      coldStarts,
      latencyBoundMs: options.latencyBoundMs,
      seed: options.seed,
      texts: texts.map(({ name, messages }) => ({
        name,
        messages: messages.length,
        meanBytes: messages.reduce((sum, { length }) => sum + length, 0) / messages.length,
      })),
    },
    noise: findNoise(load, withThroughput),
    models: withThroughput,
    agreement,
    ...(quality !== undefined && { quality }),
  };
}

async function measureColdStarts({ models, coldStarts }: BenchmarkOptions, advance: () => void): Promise<number[][]> {
  const times = models.map((): number[] => []);
  for (let turn = 0; turn < coldStarts; turn += 1)
    for (const [index, command] of models.entries()) {
      const worker = await startWorker(command);
      times[index].push(worker.coldStartMs);
      await worker.stop();
      advance();
    }
  return times;
}

/** Per model, the latencies on each set of messages. */
async function measureLatency(
  workers: readonly Worker[],
  { texts, rounds, roundMs, warmUpMs = DEFAULT_WARM_UP_MS }: BenchmarkOptions,
  advance: () => void,
): Promise<LatencyReport[][]> {
  const reports = workers.map((): LatencyReport[] => []);
  for (const [set, { name }] of texts.entries()) {
    const ask = (worker: Worker, milliseconds: number): Promise<ScenarioResult> =>
      worker.ask({ kind: "single-stream", texts: set, milliseconds });
    for (const worker of workers) await ask(worker, warmUpMs);
    const results = workers.map((): ScenarioResult[] => []);
    for (let round = 0; round < rounds; round += 1)
      for (const [index, worker] of workers.entries()) {
        results[index].push(await ask(worker, roundMs));
        advance();
      }
    for (const [index, own] of results.entries()) {
      const latencies = own.flatMap((result) => [...result.latencies]);
      const messages = own.reduce((sum, result) => sum + result.messages, 0);
      reports[index].push({
        texts: name,
        ...summarize(latencies),
        cpuMicrosecondsPerMessage: own.reduce((sum, result) => sum + result.cpuMicroseconds, 0) / messages,
        spread: spreadOf(own.map((result) => median([...result.latencies]))),
        curve: curveOf(latencies),
      });
    }
  }
  return reports;
}

async function measureScenarios(
  worker: Worker,
  latency: readonly LatencyReport[],
  { texts, scenarioTexts, rounds, roundMs, streams, rates, latencyBoundMs, seed }: BenchmarkOptions,
): Promise<ModelReport["scenarios"]> {
  const milliseconds = rounds * roundMs;
  const common = { texts: scenarioTexts, milliseconds };
  const { n, mean, p50, p90, p99 } = latency[scenarioTexts];
  const together = await worker.ask({ kind: "multi-stream", ...common, streams });
  const most = perSecond(await worker.ask({ kind: "offline", ...common }));
  const server: ServerReport[] = [];
  for (const ratePerSecond of rates.length > 0 ? rates : DEFAULT_LOADS.map((share) => share * most)) {
    const result = await worker.ask({ kind: "server", ...common, ratePerSecond, seed });
    const summary = summarize(result.latencies);
    server.push({
      ratePerSecond,
      answeredPerSecond: perSecond(result),
      withinBound: summary.p99 <= latencyBoundMs * 1000,
      ...summary,
    });
  }
  return {
    texts: texts[scenarioTexts].name,
    singleStream: { n, mean, p50, p90, p99 },
    multiStream: { streams, ...summarize(together.latencies) },
    server,
    offline: { messagesPerSecond: most },
  };
}

/** The same model in several processes at once, from one to all cores. */
async function measureThroughput(
  command: readonly string[],
  { texts, scenarioTexts, cores, rounds, roundMs, warmUpMs = DEFAULT_WARM_UP_MS }: BenchmarkOptions,
  advance: () => void,
): Promise<ModelReport["throughput"]> {
  const workers: Worker[] = [];
  const throughput: { processes: number; messagesPerSecond: number }[] = [];
  const { messages } = texts[scenarioTexts];
  const run = (worker: Worker, milliseconds: number): Promise<ScenarioResult> =>
    worker.ask({ kind: "offline", texts: 0, milliseconds });
  try {
    for (const processes of processCounts(cores)) {
      while (workers.length < processes) {
        const worker = await startWorker(command);
        workers.push(worker);
        await worker.ask({ kind: "texts", messages });
        await run(worker, warmUpMs);
      }
      const results = await Promise.all(workers.map((own) => run(own, rounds * roundMs)));
      throughput.push({ processes, messagesPerSecond: results.reduce((sum, result) => sum + perSecond(result), 0) });
      advance();
    }
    return throughput;
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}

/** 1, 2, 4 and so on, and all cores. */
function processCounts(cores: number): readonly number[] {
  const counts: number[] = [];
  for (let count = 1; count < cores; count *= 2) counts.push(count);
  return [...counts, cores];
}

/** Every two models that give levels, on all messages together. */
async function compareLevels(
  workers: readonly Worker[],
  texts: readonly TextSet[],
): Promise<readonly AgreementReport[]> {
  const given: { name: string; levels: Urgency[] }[] = [];
  for (const worker of workers) {
    const levels: Urgency[] = [];
    for (const set of texts.keys()) levels.push(...((await worker.ask({ kind: "levels", texts: set })) ?? []));
    if (levels.length > 0) given.push({ name: worker.ready.name, levels });
  }
  return given.flatMap((first, index) => given.slice(index + 1).map((second) => agreementOf(first, second)));
}

function agreementOf(
  first: { readonly name: string; readonly levels: readonly Urgency[] },
  second: { readonly name: string; readonly levels: readonly Urgency[] },
): AgreementReport {
  const ranks = ({ levels }: typeof first): number[] => levels.map((level) => URGENCIES.indexOf(level));
  const n = first.levels.length;
  const same = first.levels.filter((level, index) => level === second.levels[index]).length;
  const kappa = quadraticKappa(confusionMatrix(ranks(first), ranks(second), new Uint8Array(n).fill(1)));
  const sameLevel = proportion(same, n);
  if (sameLevel === undefined) throw new RangeError();
  return { models: [first.name, second.name], sameLevel, ...(Number.isFinite(kappa) && { kappa }) };
}

function perSecond({ messages, elapsedMs }: ScenarioResult): number {
  return messages / (elapsedMs / 1000);
}
