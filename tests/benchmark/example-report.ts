import type { BenchmarkReport, LatencyReport, ModelReport } from "../../src/benchmark/report.js";
import { CURVE_SHARES } from "../../src/benchmark/statistics.js";

const summary = (middle: number) => ({ n: 50, mean: middle * 1.1, p50: middle, p90: middle * 1.5, p99: middle * 3 });
const latency = (texts: string, middle: number, spread: number): LatencyReport => ({
  texts,
  ...summary(middle),
  cpuMicrosecondsPerMessage: middle,
  spread,
  curve: CURVE_SHARES.map((share) => middle * (0.5 + share)),
});

/** One model of a report. */
export function exampleModel(name: string, middle: number, spread = 0.05): ModelReport {
  return {
    name,
    modelBytes: 10_485_760,
    coldStartMs: summary(180),
    loadMs: 40,
    residentBytes: { rest: 73_400_320, peak: 83_886_080 },
    latency: [latency("20 words", middle / 3, spread), latency("60 words", middle, spread)],
    scenarios: {
      texts: "60 words",
      singleStream: summary(middle),
      multiStream: { streams: 8, ...summary(8 * middle) },
      server: [
        { ratePerSecond: 100, answeredPerSecond: 99, withinBound: true, ...summary(middle) },
        { ratePerSecond: 5000, answeredPerSecond: 3000, withinBound: false, ...summary(100 * middle) },
      ],
      offline: { messagesPerSecond: 1e6 / middle },
    },
    throughput: [
      { processes: 1, messagesPerSecond: 1e6 / middle },
      { processes: 2, messagesPerSecond: 1.9e6 / middle },
    ],
  };
}

/** A report of two models on a quiet machine. */
export function exampleReport(): BenchmarkReport {
  return {
    schemaVersion: 1,
    startedAt: "2026-11-21T12:00:00.000Z",
    seconds: 42,
    machine: { processor: "Example <9000>", cores: 2, memoryBytes: 2 ** 34, node: "20.19.0", platform: "linux x64" },
    load: { before: 0.1, after: 1.2 },
    settings: {
      rounds: 10,
      roundMs: 200,
      coldStarts: 5,
      latencyBoundMs: 10,
      seed: 1,
      texts: [
        { name: "20 words", messages: 200, meanBytes: 95 },
        { name: "60 words", messages: 200, meanBytes: 286 },
      ],
    },
    noise: [],
    models: [exampleModel("base@0.1.0", 12.345), exampleModel("theirs@1.0.0", 24_000)],
    agreement: [
      { models: ["base@0.1.0", "theirs@1.0.0"], sameLevel: { value: 0.5, low: 0.45, high: 0.55, n: 400 }, kappa: 0.31 },
    ],
    quality: [
      { model: "base@0.1.0", figures: { aurocImmediate: { value: 0.95, low: 0.93, high: 0.97, n: 500 } } },
      { model: "unmeasured@1.0.0", figures: { aurocImmediate: { value: 0.5, low: 0.4, high: 0.6, n: 500 } } },
    ],
  };
}
