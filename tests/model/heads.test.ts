import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { URGENCIES } from "../../src/labels.js";
import { keepHighest, toScores, writeHeadLogits } from "../../src/model/heads.js";
import { HEADS, type HeadCalibration } from "../../src/model/manifest.js";
import type { Scores } from "../../src/types.js";

const logit = fc.double({ min: -40, max: 40, noNaN: true });
const logits = fc
  .array(logit, { minLength: HEADS + 1, maxLength: HEADS + 1 })
  .map((values) => Float64Array.from(values));
const identity = { short: { whole: 1, window: 0, offset: 0 }, long: { whole: 0.4, window: 0.6, offset: 0.1 } };
const calibration = new Array(HEADS).fill(identity);

function headsOf(values: Float64Array): Float64Array {
  const heads = new Float64Array(HEADS);
  writeHeadLogits(values, heads);
  return heads;
}

function scoresOf(
  whole: Float64Array,
  window: Float64Array,
  windows: number,
  calibrated: readonly HeadCalibration[],
): Scores {
  return toScores({ whole, window, windows }, calibrated);
}

describe("writeHeadLogits and toScores", () => {
  it("gives the softmax of the levels and the logistic of every other label", () => {
    const values = new Float64Array(HEADS + 1);
    values.set([Math.log(4), Math.log(3), Math.log(2), Math.log(1), 2]);
    const { urgency, categories, signals } = scoresOf(headsOf(values), new Float64Array(HEADS), 0, calibration);
    expect(urgency.immediate).toBeCloseTo(0.4);
    expect(urgency.urgent).toBeCloseTo(0.3);
    expect(urgency.soon).toBeCloseTo(0.2);
    expect(urgency.routine).toBeCloseTo(0.1);
    expect(categories.suicide).toBeCloseTo(1 / (1 + Math.exp(-2)));
    expect(signals.asks_help).toBeCloseTo(0.5);
  });

  it("gives probabilities, whatever calibration did to the order of the levels", () => {
    const slope = fc.double({ min: 0, max: 3, noNaN: true });
    const entry = fc.record({ whole: slope, window: slope, offset: logit });
    const entries = fc.array(fc.record({ short: entry, long: entry }), { minLength: HEADS, maxLength: HEADS });
    fc.assert(
      fc.property(logits, logits, fc.nat(3), entries, (whole, window, windows, calibrated) => {
        const { urgency, categories, signals } = scoresOf(headsOf(whole), headsOf(window), windows, calibrated);
        const levels = URGENCIES.map((level) => urgency[level]);
        expect(levels.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1);
        for (const value of [...levels, ...Object.values(categories), ...Object.values(signals)]) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it("never falls when a window rises", () => {
    fc.assert(
      fc.property(logits, logits, logits, (whole, first, second) => {
        const highest = headsOf(first);
        const before = scoresOf(headsOf(whole), highest, 2, calibration);
        keepHighest(headsOf(second), highest);
        const after = scoresOf(headsOf(whole), highest, 3, calibration);
        expect(after.urgency.immediate).toBeGreaterThanOrEqual(before.urgency.immediate);
        expect(after.urgency.routine).toBeLessThanOrEqual(before.urgency.routine + 1e-12);
        expect(after.categories.suicide).toBeGreaterThanOrEqual(before.categories.suicide);
      }),
    );
  });

  it("adds what the encoder says by slopes of its own, and nothing where it did not run", () => {
    const slopes = { whole: 0.5, window: 0.25, encoder: 2, encoderWindow: 1, offset: -1 };
    const both = new Array(HEADS).fill({ short: { ...slopes, window: 0 }, long: slopes });
    const filled = (value: number): Float64Array => new Float64Array(HEADS).fill(value);
    const alone = { whole: filled(2), window: filled(4), windows: 0 };
    const read = { ...alone, encoder: filled(0.5), encoderWindow: filled(1) };
    const logitOf = (scores: Scores): number => Math.log(scores.categories.suicide / (1 - scores.categories.suicide));
    expect(logitOf(toScores(alone, both))).toBeCloseTo(0.5 * 2 - 1);
    expect(logitOf(toScores(read, both))).toBeCloseTo(0.5 * 2 + 2 * 0.5 + 1 - 1);
    expect(logitOf(toScores({ ...read, windows: 3 }, both))).toBeCloseTo(0.5 * 2 + 0.25 * 4 + 2 * 0.5 + 1 - 1);
  });
});
