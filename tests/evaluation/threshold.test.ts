import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../../src/evaluation/random.js";
import { thresholdForFalseAlarms, thresholdForSensitivity } from "../../src/evaluation/threshold.js";

const none = new Float64Array(0);
const columnOf = (length: number, score: (index: number) => number): Float64Array =>
  Float64Array.from({ length }, (_, index) => score(index));
/** 0.01, 0.02, ... */
const hundredths = (length: number): Float64Array => columnOf(length, (index) => (index + 1) / 100);

describe("thresholdForSensitivity", () => {
  it.each([
    // floor(0.05 * 40) - 1: one line may be missed, so between the first and the second.
    ["one miss in 39", hundredths(39), 0.95, 0.015],
    ["no miss in 19", hundredths(19), 0.95, 0.01],
    ["no miss where the lines are too few to allow one", hundredths(10), 0.95, 0.01],
    ["one half of 9", hundredths(9), 0.5, 0.045],
  ])("%s", (_, positives, sensitivity, expected) => {
    const threshold = thresholdForSensitivity(positives, none, sensitivity);
    expect(threshold).toBeCloseTo(expected, 2);
    const missed = positives.filter((score) => score < threshold).length;
    expect(missed).toBe(Math.max(0, Math.floor((1 - sensitivity) * (positives.length + 1) + 1e-9) - 1));
  });

  it("stands midway to the next lower score of any line", () => {
    expect(thresholdForSensitivity(Float64Array.of(0.5), Float64Array.of(0.3, 0.6), 0.9)).toBe(0.4);
  });

  it("counts lines that are found in any case, and needs no threshold when they are enough", () => {
    const raised = Number.POSITIVE_INFINITY;
    expect(
      thresholdForSensitivity(
        columnOf(30, () => raised),
        none,
        0.95,
      ),
    ).toBe(1);
    expect(thresholdForSensitivity(Float64Array.of(raised, 0.4, 0.8), none, 0.5)).toBeCloseTo(0.6, 12);
  });

  it.each([
    ["never found", Number.NEGATIVE_INFINITY],
    ["found at a threshold of 0 alone", 0],
  ])("refuses when too many lines are %s", (_, score) => {
    expect(() => thresholdForSensitivity(Float64Array.of(score, 0.9), none, 0.95)).toThrow(
      expect.objectContaining({ code: "TARGET_UNREACHABLE" }),
    );
  });

  it("is the highest that keeps the promise on the lines themselves, and one that a policy takes", () => {
    const scores = fc.array(fc.double({ min: 1e-6, max: 1, noNaN: true }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(scores, scores, fc.double({ min: 0.5, max: 0.99, noNaN: true }), (list, others, sensitivity) => {
        const positives = Float64Array.from(list);
        const threshold = thresholdForSensitivity(positives, Float64Array.from(others), sensitivity);
        expect(threshold).toBeGreaterThan(0);
        expect(threshold).toBeLessThanOrEqual(1);
        const found = positives.filter((score) => score >= threshold);
        expect(found.length / list.length).toBeGreaterThanOrEqual(sensitivity);
        // Nothing lies between the threshold and the lowest line that has to be found.
        const lowest = found.reduce((least, score) => Math.min(least, score), 2);
        for (const score of [...list, ...others])
          expect(score >= threshold && score < lowest && list.includes(score)).toBe(false);
      }),
    );
  });

  it("keeps the promise for further messages, on average, where the plain quantile would not", () => {
    const random = createRandom(11);
    let found = 0;
    const rounds = 4000;
    for (let round = 0; round < rounds; round += 1) {
      const threshold = thresholdForSensitivity(
        columnOf(30, () => 0.001 + 0.999 * random()),
        none,
        0.9,
      );
      // Uniform scores: the share of further messages over the threshold is known.
      found += 1 - threshold;
    }
    // 27 of 31 places, plus half a place for standing midway: between 0.9 and 0.94.
    expect(found / rounds).toBeGreaterThan(0.9);
    expect(found / rounds).toBeLessThan(0.945);
  });
});

describe("thresholdForFalseAlarms", () => {
  it.each([
    ["one alarm in 39", hundredths(39), 0.05, 1],
    ["none in 19", hundredths(19), 0.05, 0],
    ["one half of 9", hundredths(9), 0.5, 4],
  ])("%s", (_, negatives, share, alarms) => {
    const threshold = thresholdForFalseAlarms(negatives, none, share);
    expect(negatives.filter((score) => score >= threshold).length).toBe(alarms);
  });

  it("stands midway to the next higher score of any line, or to 1", () => {
    expect(thresholdForFalseAlarms(Float64Array.of(0.5), Float64Array.of(0.3, 0.7), 0.05)).toBe(0.6);
    expect(thresholdForFalseAlarms(Float64Array.of(0.5), none, 0.05)).toBe(0.75);
    expect(thresholdForFalseAlarms(Float64Array.of(Number.NEGATIVE_INFINITY), none, 0.05)).toBe(0.5);
  });

  it.each([[Number.POSITIVE_INFINITY], [1]])("refuses when too many lines have %f", (score) => {
    expect(() => thresholdForFalseAlarms(Float64Array.of(score, 0.1), none, 0.05)).toThrow(
      expect.objectContaining({ code: "TARGET_UNREACHABLE" }),
    );
  });

  it("keeps the promise on the lines themselves, unless it refuses", () => {
    const scores = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(scores, scores, fc.double({ min: 0.01, max: 0.5, noNaN: true }), (list, others, share) => {
        const negatives = Float64Array.from(list);
        const threshold = thresholdForFalseAlarms(negatives, Float64Array.from(others), share);
        expect(threshold).toBeGreaterThan(0);
        expect(threshold).toBeLessThanOrEqual(1);
        expect(negatives.filter((score) => score >= threshold).length / list.length).toBeLessThanOrEqual(share);
      }),
    );
  });
});
