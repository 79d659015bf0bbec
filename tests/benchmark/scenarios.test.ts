import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { multiStream, offline, type ScenarioResult, server, singleStream } from "../../src/benchmark/scenarios.js";
import type { Subject } from "../../src/benchmark/subject.js";

const messages = ["a", "bb", "ccc"].map((text) => new TextEncoder().encode(text));

/** Notes what it gets, and how many it has at a time. */
function watched(work: () => unknown): Subject & { readonly lengths: number[]; readonly most: () => number } {
  const lengths: number[] = [];
  let now = 0;
  let most = 0;
  return {
    name: "watched",
    modelBytes: 0,
    lengths,
    most: () => most,
    score(message) {
      lengths.push(message.length);
      now += 1;
      most = Math.max(most, now);
      const result = work();
      if (!(result instanceof Promise)) {
        now -= 1;
        return result;
      }
      return result.finally(() => {
        now -= 1;
      });
    },
    close: async () => {},
  };
}

const soon = (): Promise<void> => setTimeout(2);
const RUNS: ReadonlyArray<readonly [string, (subject: Subject) => Promise<ScenarioResult>]> = [
  ["single stream", (subject) => singleStream(subject, messages, 30)],
  ["multi stream", (subject) => multiStream(subject, messages, 30, 4)],
  ["offline", (subject) => offline(subject, messages, 30)],
  ["server", (subject) => server(subject, messages, 30, { ratePerSecond: 1000, seed: 1 })],
];

describe.each(RUNS)("%s", (_, run) => {
  it.each([
    ["at once", () => undefined],
    ["later", soon],
  ])("counts what is answered %s", async (_when, work) => {
    const subject = watched(work);
    const result = await run(subject);
    expect(result.messages).toBe(subject.lengths.length);
    expect(result.latencies.length).toBeGreaterThan(0);
    expect(result.latencies.every((latency) => latency >= 0)).toBe(true);
    expect(result.elapsedMs).toBeGreaterThan(0);
    expect(result.cpuMicroseconds).toBeGreaterThan(0);
  });

  it("takes the messages in turn", async () => {
    const subject = watched(() => undefined);
    await run(subject);
    expect(subject.lengths.slice(0, 6)).toEqual([1, 2, 3, 1, 2, 3].slice(0, Math.min(6, subject.lengths.length)));
  });

  it("fails when the subject does", async () => {
    await expect(run(watched(() => Promise.reject(new RangeError())))).rejects.toThrow(RangeError);
  });
});

describe("scenarios", () => {
  it("run one at a time in a single stream, and so many in several", async () => {
    const single = watched(soon);
    const multi = watched(soon);
    await singleStream(single, messages, 20);
    const { latencies, messages: answered } = await multiStream(multi, messages, 20, 5);
    expect([single.most(), multi.most()]).toEqual([1, 5]);
    expect(answered).toBe(5 * latencies.length);
  });

  it("answer one message even when there is no time", async () => {
    expect((await singleStream(watched(soon), messages, 0)).messages).toBe(1);
  });

  it("count the time in line in the server scenario", async () => {
    // Five times as many come as can be answered: whoever comes last waits for nearly all of the others.
    const busy = watched(() => {
      const end = performance.now() + 5;
      while (performance.now() < end);
    });
    const { latencies } = await server(busy, messages, 60, { ratePerSecond: 1000, seed: 3 });
    expect(latencies.length).toBeGreaterThan(20);
    expect(latencies.at(-1)).toBeGreaterThan(10 * 5000);
  });

  it("have messages come at the rate that is asked for", async () => {
    const { messages: answered } = await server(
      watched(() => undefined),
      messages,
      200,
      { ratePerSecond: 500, seed: 1 },
    );
    // A Poisson count of mean 100 lies between these in all but one of a million draws, and the seed is fixed.
    expect(answered).toBeGreaterThan(50);
    expect(answered).toBeLessThan(155);
  });
});
