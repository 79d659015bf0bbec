import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type BenchmarkOptions, runBenchmark } from "../../src/benchmark/run-benchmark.js";
import { startWorker } from "../../src/benchmark/start-worker.js";
import { isEarshotError } from "../../src/errors.js";

const WORKER = fileURLToPath(new URL("../support/bench-worker.ts", import.meta.url));
const worker = (...parameters: string[]): string[] => [process.execPath, "--import", "tsx", WORKER, ...parameters];
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const SHORT: Omit<BenchmarkOptions, "models"> = {
  texts: [
    { name: "odd", messages: ["a", "bbb"].map(encode) },
    { name: "even", messages: ["aa"].map(encode) },
  ],
  scenarioTexts: 1,
  rounds: 2,
  roundMs: 5,
  warmUpMs: 5,
  coldStarts: 1,
  cores: 2,
  streams: 3,
  rates: [200],
  latencyBoundMs: 10_000,
  seed: 1,
};

async function codeOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
    return "none";
  } catch (error) {
    return isEarshotError(error) ? error.code : "another error";
  }
}

describe("runBenchmark", () => {
  it("measures every model on every set of messages", async () => {
    const steps: Array<readonly [number, number]> = [];
    const report = await runBenchmark({
      ...SHORT,
      models: [worker("first", "immediate"), worker("second", "routine"), worker("third", "none")],
      onProgress: (done, total) => steps.push([done, total]),
    });
    expect(report.models.map(({ name, modelBytes }) => [name, modelBytes])).toEqual([
      ["first", 1234],
      ["second", 1234],
      ["third", 1234],
    ]);
    for (const { latency, scenarios, throughput, coldStartMs, residentBytes } of report.models) {
      expect(latency.map(({ texts }) => texts)).toEqual(["odd", "even"]);
      for (const { n, p50, p90, p99, mean } of latency) {
        expect(n).toBeGreaterThan(0);
        expect([p50 <= p90, p90 <= p99, mean > 0]).toEqual([true, true, true]);
      }
      expect(scenarios).toMatchObject({
        texts: "even",
        multiStream: { streams: 3 },
        server: [{ ratePerSecond: 200, withinBound: true }],
      });
      expect(throughput.map(({ processes }) => processes)).toEqual([1, 2]);
      expect(coldStartMs.n).toBe(1);
      expect(residentBytes.peak).toBeGreaterThanOrEqual(residentBytes.rest * 0.5);
    }
    // Two of three messages have an odd length, which is routine for both; what gives no level is left out.
    expect(report.agreement).toHaveLength(1);
    expect(report.agreement[0]).toMatchObject({ models: ["first", "second"], sameLevel: { value: 2 / 3, n: 3 } });
    expect(report.settings.texts).toEqual([
      { name: "odd", messages: 2, meanBytes: 2 },
      { name: "even", messages: 1, meanBytes: 2 },
    ]);
    expect(steps.at(-1)).toEqual([steps.length, steps.length]);
    // It starts twelve programs.
  }, 240_000);

  it("fails with the code of the model that failed", async () => {
    expect(await codeOf(() => runBenchmark({ ...SHORT, models: [worker("a", "none", "open")] }))).toBe(
      "PACK_NOT_FOUND",
    );
    expect(await codeOf(() => runBenchmark({ ...SHORT, models: [worker("a", "none", "score")] }))).toBe(
      "RUNTIME_FAILED",
    );
  });
});

describe("startWorker", () => {
  it.each([
    ["a program that is none", ["/nowhere/at-all"], "INTERNAL"],
    ["a program that ends", [process.execPath, "--eval", ""], "INTERNAL"],
    ["an error that quotes a message", worker("a", "none", "quote"), "INTERNAL"],
  ])("fails on %s", async (_, command, expected) => {
    expect(await codeOf(() => startWorker(command))).toBe(expected);
  });

  it("notices a worker that ends while it is asked", async () => {
    const started = await startWorker(worker("a", "none", "exit"));
    await started.ask({ kind: "texts", messages: [encode("a")] });
    expect(await codeOf(() => started.ask({ kind: "offline", texts: 0, milliseconds: 5 }))).toBe("INTERNAL");
    expect(await codeOf(() => started.ask({ kind: "memory" }))).toBe("INTERNAL");
    await started.stop();
  });
});
