import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bootstrap, DEFAULT_SAMPLING, proportion } from "../../src/evaluation/intervals.js";

describe("proportion", () => {
  // Wilson intervals as in Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])("%i of %i: %f to %f", (hits, n, low, high) => {
    const estimate = proportion(hits, n);
    expect(estimate).toMatchObject({ value: hits / n, n });
    expect(estimate?.low).toBeCloseTo(low, 4);
    expect(estimate?.high).toBeCloseTo(high, 4);
  });

  it("is not defined without lines", () => {
    expect(proportion(0, 0)).toBeUndefined();
  });

  it("lies in [0, 1], holds the share, mirrors its opposite and narrows with more lines", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, part) => {
        const hits = Math.round(n * part);
        const { value, low, high } = proportion(hits, n) ?? expect.unreachable();
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(value);
        expect(high).toBeGreaterThanOrEqual(value);
        const opposite = proportion(n - hits, n) ?? expect.unreachable();
        expect(opposite.low).toBeCloseTo(1 - high, 12);
        const more = proportion(4 * hits, 4 * n) ?? expect.unreachable();
        expect(more.high - more.low).toBeLessThan(high - low);
      }),
    );
  });
});

describe("bootstrap", () => {
  const values = Float64Array.from({ length: 400 }, (_, index) => index % 2);
  const mean = (counts: Uint32Array): number =>
    values.reduce((sum, value, line) => sum + value * counts[line], 0) / 400;

  it("gives the interval of a mean that theory gives", () => {
    const [estimate] = bootstrap(400, (counts) => [mean(counts)], { seed: 1, resamples: 4000 });
    // Standard error 0.025.
    expect(estimate?.value).toBe(0.5);
    expect(estimate?.low).toBeCloseTo(0.5 - 1.96 * 0.025, 2);
    expect(estimate?.high).toBeCloseTo(0.5 + 1.96 * 0.025, 2);
    expect(estimate?.n).toBe(400);
  });

  it("repeats itself with the same seed and not with another", () => {
    const run = (seed: number) => bootstrap(400, (counts) => [mean(counts)], { ...DEFAULT_SAMPLING, seed });
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
  });

  it("leaves out a figure that the lines do not give, and keeps the others", () => {
    const [none, one] = bootstrap(3, () => [Number.NaN, 1], DEFAULT_SAMPLING);
    expect(none).toBeUndefined();
    expect(one).toEqual({ value: 1, low: 1, high: 1, n: 3 });
  });

  it("passes over resamples in which a figure does not exist", () => {
    // Only the sample with every line once, the first, has a value.
    let calls = 0;
    const [estimate] = bootstrap(2, () => [calls++ === 0 ? 0.5 : Number.NaN], DEFAULT_SAMPLING);
    expect(estimate).toEqual({ value: 0.5, low: 0.5, high: 0.5, n: 2 });
  });

  it("is widened to hold a figure that resampling only ever raises", () => {
    let calls = 0;
    const [estimate] = bootstrap(2, () => [calls++ === 0 ? 0.1 : 0.2], DEFAULT_SAMPLING);
    expect(estimate).toEqual({ value: 0.1, low: 0.1, high: 0.2, n: 2 });
  });

  it("holds the figure, whatever it is", () => {
    const column = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(column, fc.integer(), (numbers, seed) => {
        const sum = (counts: Uint32Array): number =>
          numbers.reduce((total, value, line) => total + value * counts[line], 0);
        const [estimate] = bootstrap(numbers.length, (counts) => [sum(counts)], { seed, resamples: 20 });
        expect(estimate?.low).toBeLessThanOrEqual(estimate?.value ?? Number.NaN);
        expect(estimate?.high).toBeGreaterThanOrEqual(estimate?.value ?? Number.NaN);
      }),
    );
  });
});
