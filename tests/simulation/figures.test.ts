import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeWaits, estimate, percentileOf, studentQuantile } from "../../src/simulation/figures.js";

describe("describeWaits", () => {
  it("is what one counts by hand", () => {
    expect(describeWaits([4, 1, 10, 5], 5)).toEqual({
      people: 4,
      mean: 5,
      median: 4,
      p95: 10,
      withinTarget: 0.75,
      longest: 10,
    });
  });

  it("does not depend on the order, and puts its figures in order", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 1000 }), { minLength: 1 }), (waits) => {
        const figures = describeWaits(waits, 100);
        expect(describeWaits(waits.toReversed(), 100)).toEqual(figures);
        expect(figures.median).toBeLessThanOrEqual(figures.p95);
        expect(figures.p95).toBeLessThanOrEqual(figures.longest);
        expect(figures.mean).toBeLessThanOrEqual(figures.longest);
      }),
    );
  });
});

describe("percentileOf", () => {
  it.each([
    [0, 1],
    [5, 1],
    [50, 10],
    [95, 19],
    [96, 20],
    [100, 20],
  ])("%d percent of 1 to 20 do not exceed %d", (percent, expected) => {
    expect(
      percentileOf(
        Array.from({ length: 20 }, (_, index) => index + 1),
        percent,
      ),
    ).toBe(expected);
  });
});

describe("estimate", () => {
  // From printed tables of the distribution.
  it.each([
    [4, 2.7764],
    [9, 2.2622],
    [19, 2.093],
    [99, 1.9842],
  ])("with %d degrees of freedom uses %d", (degrees, expected) => {
    expect(Math.abs(studentQuantile(degrees) / expected - 1)).toBeLessThan(0.003);
  });

  it("is the mean with the interval of Student", () => {
    // Standard deviation 1, five runs: 2.776 / sqrt(5).
    const { value, low, high } = estimate([9, 9, 10, 11, 11]);
    expect(value).toBe(10);
    expect(high - value).toBeCloseTo(2.7764 / Math.sqrt(5), 2);
    expect(value - low).toBeCloseTo(high - value, 9);
  });

  it("stays within what is possible", () => {
    expect(estimate([0, 0, 0, 0, 1], 0, 1).low).toBe(0);
    expect(estimate([1, 1, 1, 1, 0], 0, 1).high).toBe(1);
  });
});
