import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ratioOfMedians } from "../../src/benchmark/compare.js";
import { isEarshotError } from "../../src/errors.js";

describe("ratioOfMedians", () => {
  it.each([
    ["the same", [5, 5, 5], [5, 5, 5], 1, 1, 1],
    ["twice as slow", [10, 10, 10], [5, 5, 5], 2, 2, 2],
    ["half, once disturbed", [5, 5, 500], [10, 10, 10], 0.5, 0.5, 50],
  ])("%s", (_, medians, baseline, value, low, high) => {
    const ratio = ratioOfMedians(medians, baseline);
    expect(ratio).toMatchObject({ value, low, n: medians.length });
    expect(ratio.high).toBeLessThanOrEqual(high);
  });

  it("is sure of a tenth when rounds differ less than that, although all of them drift", () => {
    const baseline = Array.from({ length: 30 }, (_, round) => 100 + round + (round % 3));
    const { low, high } = ratioOfMedians(
      baseline.map((time) => 1.1 * time),
      baseline,
    );
    expect(low).toBeGreaterThan(1.05);
    expect(high).toBeLessThan(1.15);
  });

  it("holds the ratio within its interval", () => {
    const times = fc.array(fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 1000 })), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(times, (pairs) => {
        const { value, low, high } = ratioOfMedians(
          pairs.map(([now]) => now),
          pairs.map(([, before]) => before),
        );
        expect(low <= value && value <= high).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it("refuses nothing at all", () => {
    let failure: unknown;
    try {
      ratioOfMedians([], []);
    } catch (error) {
      failure = error;
    }
    expect(isEarshotError(failure) && failure.code).toBe("DATA_TOO_FEW");
  });
});
