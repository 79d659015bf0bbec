import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CURVE_SHARES, curveOf, median, quantile, spreadOf, summarize } from "../../src/benchmark/statistics.js";

const hundred = Array.from({ length: 100 }, (_, index) => index + 1);

describe("quantile", () => {
  it.each([
    [hundred, 0, 1],
    [hundred, 0.5, 50],
    [hundred, 0.99, 99],
    [hundred, 0.991, 100],
    [hundred, 1, 100],
    [[7], 0.5, 7],
    [[1, 2], 0.5, 1],
    [[1, 2, 3], 0.5, 2],
  ])("of %j at %d is %d", (sorted, share, expected) => {
    expect(quantile(sorted, share)).toBe(expected);
  });

  it("is no number where there is nothing", () => {
    expect(quantile([], 0.5)).toBeNaN();
  });

  it("is one of the values, and as many as the share are not above it", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, share) => {
          const sorted = [...values].sort((a, b) => a - b);
          const found = quantile(sorted, share);
          expect(sorted).toContain(found);
          expect(sorted.filter((value) => value <= found).length).toBeGreaterThanOrEqual(share * sorted.length - 1e-9);
        },
      ),
    );
  });
});

describe("summarize", () => {
  it("sums up what is in any order", () => {
    expect(summarize([...hundred].reverse())).toEqual({ n: 100, mean: 50.5, p50: 50, p90: 90, p99: 99 });
  });
});

describe("curveOf", () => {
  it("rises from the shortest to the longest", () => {
    const curve = curveOf([...hundred].reverse());
    expect(curve).toHaveLength(CURVE_SHARES.length);
    expect([curve[0], curve.at(-1)]).toEqual([1, 100]);
    expect(curve).toEqual([...curve].sort((a, b) => a - b));
  });
});

describe("spreadOf", () => {
  it.each([
    [[10], 0],
    [[10, 10, 10], 0],
    [[9, 10, 12], 0.3],
    [[12, 9, 10], 0.3],
  ])("of %j is %d", (medians, expected) => {
    expect(spreadOf(medians)).toBeCloseTo(expected, 12);
    expect(median(medians)).toBe([...medians].sort((a, b) => a - b)[Math.ceil(medians.length / 2) - 1]);
  });
});
