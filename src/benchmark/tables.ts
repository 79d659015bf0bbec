import { FIGURES, type FigureName } from "../evaluation/figures.js";
import type { Estimate } from "../evaluation/intervals.js";
import { countText, megabytes, timeText } from "./format.js";
import type { BenchmarkReport } from "./report.js";
import type { Summary } from "./statistics.js";

/** One table of a report; the first column names the rows. */
export interface ReportTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: ReadonlyArray<readonly string[]>;
}

/** Figures of quality that are set against time. */
export const QUALITY_FIGURES: readonly FigureName[] = ["aurocImmediate", "recallImmediate", "kappa"];

/** The report as tables, for the terminal and for the page alike. Tables that would be empty are left out. */
export function reportTables(report: BenchmarkReport): readonly ReportTable[] {
  return [latencyTable(report), startTable(report), scenarioTable(report), serverTable(report), throughputTable(report)]
    .concat(agreementTable(report), qualityTable(report))
    .filter(({ rows }) => rows.length > 0);
}

/** Where and how it was measured, in lines. */
export function reportFacts({ machine, load, settings, seconds, startedAt }: BenchmarkReport): readonly string[] {
  return [
    `${machine.processor}, ${machine.cores} logical cores, ${megabytes(machine.memoryBytes)}, ${machine.platform}, Node.js ${machine.node}`,
    `load ${load.before.toFixed(2)} before and ${load.after.toFixed(2)} after, ${startedAt}, ${seconds.toFixed(0)} s`,
    `${settings.rounds} rounds of ${settings.roundMs} ms in turn, after one to warm up; ${settings.coldStarts} cold starts; seed ${settings.seed}`,
  ];
}

function latencyTable({ models, settings }: BenchmarkReport): ReportTable {
  return {
    title: "One message at a time",
    head: ["messages", "model", "p50", "p90", "p99", "mean", "CPU time", "n"],
    rows: settings.texts.flatMap(({ name }, set) =>
      models.map(({ name: model, latency }) => [
        name,
        model,
        ...times(latency[set]),
        timeText(latency[set].mean),
        timeText(latency[set].cpuMicrosecondsPerMessage),
        `${latency[set].n}`,
      ]),
    ),
  };
}

function startTable({ models }: BenchmarkReport): ReportTable {
  return {
    title: "Start, memory and size",
    head: ["model", "cold start, median", "slowest", "loading", "resident at rest", "peak", "model files"],
    rows: models.map(({ name, coldStartMs, loadMs, residentBytes, modelBytes }) => [
      name,
      timeText(coldStartMs.p50 * 1000),
      timeText(coldStartMs.p99 * 1000),
      timeText(loadMs * 1000),
      megabytes(residentBytes.rest),
      megabytes(residentBytes.peak),
      megabytes(modelBytes),
    ]),
  };
}

function scenarioTable({ models }: BenchmarkReport): ReportTable {
  return {
    title: `MLPerf scenarios, ${models[0].scenarios.texts}`,
    head: ["model", "single stream p90", "multi stream p99", "at once", "offline, messages/s"],
    rows: models.map(({ name, scenarios: { singleStream, multiStream, offline } }) => [
      name,
      timeText(singleStream.p90),
      timeText(multiStream.p99),
      `${multiStream.streams}`,
      countText(offline.messagesPerSecond),
    ]),
  };
}

function serverTable({ models, settings }: BenchmarkReport): ReportTable {
  return {
    title: `Server scenario: 99 in 100 within ${settings.latencyBoundMs} ms?`,
    head: ["model", "come a second", "answered", "p50", "p90", "p99", "within"],
    rows: models.flatMap(({ name, scenarios }) =>
      scenarios.server.map((server) => [
        name,
        countText(server.ratePerSecond),
        countText(server.answeredPerSecond),
        ...times(server),
        server.withinBound ? "yes" : "no",
      ]),
    ),
  };
}

function throughputTable({ models }: BenchmarkReport): ReportTable {
  return {
    title: "Messages a second, by processes at a time",
    head: ["model", ...models[0].throughput.map(({ processes }) => `${processes}`)],
    rows: models.map(({ name, throughput }) => [
      name,
      ...throughput.map(({ messagesPerSecond }) => countText(messagesPerSecond)),
    ]),
  };
}

function agreementTable({ agreement }: BenchmarkReport): ReportTable {
  return {
    title: "Agreement on the level",
    head: ["models", "", "same level", "kappa", "n"],
    rows: agreement.map(({ models: [first, second], sameLevel, kappa }) => [
      first,
      second,
      shareText(sameLevel),
      kappa?.toFixed(2) ?? "",
      `${sameLevel.n}`,
    ]),
  };
}

function qualityTable({ quality = [] }: BenchmarkReport): ReportTable {
  return {
    title: "Quality, as evaluated",
    head: ["model", ...QUALITY_FIGURES.map((figure) => FIGURES[figure])],
    rows: quality.map(({ model, figures }) => [
      model,
      ...QUALITY_FIGURES.map((figure) => {
        const estimate = figures[figure];
        return estimate === undefined ? "" : shareText(estimate);
      }),
    ]),
  };
}

function times({ p50, p90, p99 }: Summary): readonly string[] {
  return [timeText(p50), timeText(p90), timeText(p99)];
}

function shareText({ value, low, high }: Estimate): string {
  return `${value.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
}
