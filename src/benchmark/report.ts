import type { FigureName } from "../evaluation/figures.js";
import type { Estimate } from "../evaluation/intervals.js";
import type { Machine } from "./machine.js";
import type { Summary } from "./statistics.js";

/** One model on messages of one length. Times in microseconds. */
export interface LatencyReport extends Summary {
  /** Name of the set of messages, such as `60 words`. */
  readonly texts: string;
  readonly cpuMicrosecondsPerMessage: number;
  /** How far the rounds lie apart, by their middle median; 0.1 is a tenth. */
  readonly spread: number;
  /** Times at `CURVE_SHARES`. */
  readonly curve: readonly number[];
}

/** Messages that come by themselves. Times in microseconds, from when each came. */
export interface ServerReport extends Summary {
  readonly ratePerSecond: number;
  /** Messages a second that were answered. */
  readonly answeredPerSecond: number;
  /** Whether 99 in 100 were answered within the bound. */
  readonly withinBound: boolean;
}

/** All that was measured of one model. */
export interface ModelReport {
  readonly name: string;
  readonly modelBytes: number;
  /** From the start of a process to its first score, in milliseconds. */
  readonly coldStartMs: Summary;
  readonly loadMs: number;
  readonly residentBytes: { readonly rest: number; readonly peak: number };
  readonly latency: readonly LatencyReport[];
  /** The MLPerf scenarios, on one set of messages. `singleStream` is also in `latency`. */
  readonly scenarios: {
    readonly texts: string;
    readonly singleStream: Summary;
    readonly multiStream: Summary & { readonly streams: number };
    readonly server: readonly ServerReport[];
    readonly offline: { readonly messagesPerSecond: number };
  };
  readonly throughput: ReadonlyArray<{ readonly processes: number; readonly messagesPerSecond: number }>;
}

/** How often two models put a message at the same level. */
export interface AgreementReport {
  readonly models: readonly [string, string];
  readonly sameLevel: Estimate;
  /** Cohen's kappa with quadratic weights; missing when one of them gave a single level throughout. */
  readonly kappa?: number;
}

/** How well a model recognises what it is for, from `earshot evaluate --format json`. */
export interface QualityReport {
  readonly model: string;
  readonly figures: Readonly<Partial<Record<FigureName, Estimate>>>;
}

/** A whole benchmark: numbers and names, and no word of any message. */
export interface BenchmarkReport {
  readonly schemaVersion: 1;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly seconds: number;
  readonly machine: Machine;
  readonly load: { readonly before: number; readonly after: number };
  readonly settings: {
    readonly rounds: number;
    readonly roundMs: number;
    readonly coldStarts: number;
    readonly latencyBoundMs: number;
    readonly seed: number;
    readonly texts: ReadonlyArray<{ readonly name: string; readonly messages: number; readonly meanBytes: number }>;
  };
  /** Why these figures may say more about the machine than about the models; empty on a quiet one. */
  readonly noise: readonly string[];
  readonly models: readonly ModelReport[];
  readonly agreement: readonly AgreementReport[];
  readonly quality?: readonly QualityReport[];
}

/** From this load before the start on, others use the machine. */
const QUIET_LOAD = 0.5;
/** Rounds whose medians lie further apart than this were not all measured alike. */
const QUIET_SPREAD = 0.2;

/** Says what was noisy, in sentences. */
export function findNoise(load: BenchmarkReport["load"], models: readonly ModelReport[]): readonly string[] {
  const noise: string[] = [];
  if (load.before > QUIET_LOAD)
    noise.push(`Other programs were running: the load was ${load.before.toFixed(2)} before the start.`);
  const unsteady = models.flatMap(({ name, latency }) =>
    latency.filter(({ spread }) => spread > QUIET_SPREAD).map(({ texts, spread }) => ({ name, texts, spread })),
  );
  if (unsteady.length > 0) {
    const worst = unsteady.reduce((most, own) => (own.spread > most.spread ? own : most));
    noise.push(
      `${unsteady.length} of ${models.reduce((sum, { latency }) => sum + latency.length, 0)} medians moved by more than ${100 * QUIET_SPREAD}% between rounds, most of all ${worst.name} on ${worst.texts}: ${Math.round(100 * worst.spread)}%.`,
    );
  }
  return noise;
}

/** What the figures are, for those who read them. */
export const READING_NOTES: readonly string[] = [
  "Single stream: one message at a time. Multi stream: several at once, the next when all are answered. Server: messages come by themselves (Poisson), and waiting in line counts. Offline: as many as possible. The names are those of MLPerf Inference.",
  "Models run in turn, round by round, each in a process of its own, so that whatever else the machine does meets all of them.",
  "Resident memory is of the whole process, Node.js included. The peak is over all scenarios.",
];
