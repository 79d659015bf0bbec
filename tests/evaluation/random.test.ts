import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom, drawCounts, shuffledIndices } from "../../src/evaluation/random.js";

describe("createRandom", () => {
  it("gives the numbers that mulberry32 gives elsewhere", () => {
    // From the reference code in C: mulberry32 with seed 1, as 32-bit numbers.
    const random = createRandom(1);
    const numbers = Array.from({ length: 3 }, () => random() * 2 ** 32);
    expect(numbers).toEqual([2_693_262_067, 11_749_833, 2_265_367_787]);
  });

  it("gives numbers in [0, 1) that spread evenly", () => {
    const random = createRandom(7);
    const tenths = new Uint32Array(10);
    for (let index = 0; index < 100_000; index += 1) tenths[Math.floor(random() * 10)] += 1;
    for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });
});

describe("shuffledIndices", () => {
  it("holds every place once, and not in order", () => {
    const shuffled = shuffledIndices(100, createRandom(3));
    const inOrder = Array.from({ length: 100 }, (_, index) => index);
    expect([...shuffled].sort((left, right) => left - right)).toEqual(inOrder);
    expect([...shuffled]).not.toEqual(inOrder);
  });

  it("gives each order of three equally often", () => {
    const random = createRandom(5);
    const counts = new Map<string, number>();
    for (let index = 0; index < 6000; index += 1) {
      const order = shuffledIndices(3, random).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});

describe("drawCounts", () => {
  it("draws as many lines as there are", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer(), (lines, seed) => {
        const counts = new Uint32Array(lines).fill(9);
        drawCounts(counts, createRandom(seed));
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(lines);
      }),
    );
  });
});
