import { setTimeout } from "node:timers/promises";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { orderedStream } from "../../src/pool/ordered-stream.js";

async function collect<Result>(results: AsyncIterable<Result>): Promise<Result[]> {
  const all: Result[] = [];
  for await (const result of results) all.push(result);
  return all;
}

const never = (): Promise<never> => new Promise(() => {});

/** Everything up to a failure, and the failure. */
async function collectUntilFailure(results: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  try {
    for await (const result of results) all.push(result);
  } catch (error) {
    all.push(error);
  }
  return all;
}

async function* slowly<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  for (const item of items) {
    await setTimeout(1);
    yield item;
  }
}

describe("orderedStream", () => {
  it.each([
    ["nothing", []],
    ["one", [0]],
    ["the last done first", [9, 6, 3, 0]],
    ["the first done first", [0, 3, 6, 9]],
  ])("keeps the order: %s", async (_, delays) => {
    const wait = async (delay: number): Promise<number> => setTimeout(delay, delay);
    expect(await collect(orderedStream(delays, 3, wait))).toEqual(delays);
    expect(await collect(orderedStream(slowly(delays), 3, wait))).toEqual(delays);
  });

  it("works on as many at once as it may, and on no more", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        async (delays, ahead) => {
          let working = 0;
          let most = 0;
          const results = orderedStream(delays, ahead, async (delay) => {
            working += 1;
            most = Math.max(most, working);
            await setTimeout(delay);
            working -= 1;
            return delay;
          });
          expect(await collect(results)).toEqual(delays);
          expect(most).toBeLessThanOrEqual(ahead);
          if (delays.length > 0) expect(most).toBe(Math.min(ahead, delays.length));
        },
      ),
      { numRuns: 20 },
    );
  });

  it("gives a result while the next item is still to come", async () => {
    async function* source(): AsyncGenerator<number> {
      yield 1;
      await never();
    }
    const results = orderedStream(source(), 4, async (item) => item);
    expect(await results.next()).toEqual({ done: false, value: 1 });
    expect(await results.return()).toEqual({ done: true, value: undefined });
  });

  it("throws a failure when it is its turn, waits for the rest, and ends the source", async () => {
    let closed = false;
    let settled = 0;
    async function* source(): AsyncGenerator<number> {
      try {
        yield* [20, -1, 10, 10, 10];
      } finally {
        closed = true;
      }
    }
    const results = orderedStream(source(), 3, async (delay) => {
      if (delay < 0) throw new RangeError("negative");
      await setTimeout(delay);
      settled += 1;
      return delay;
    });
    expect(await collectUntilFailure(results)).toEqual([20, new RangeError("negative")]);
    expect(closed).toBe(true);
    // The first, and those behind the failure that were taken already.
    expect(settled).toBeGreaterThan(1);
  });

  it("gives the results that came before a failure of the source", async () => {
    async function* source(): AsyncGenerator<number> {
      yield 1;
      yield 2;
      throw new RangeError("source");
    }
    const results = orderedStream(source(), 5, (item) => setTimeout(5, item));
    expect(await collectUntilFailure(results)).toEqual([1, 2, new RangeError("source")]);
  });
});
