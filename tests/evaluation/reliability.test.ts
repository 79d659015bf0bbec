import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calibrationError, reliabilityBins } from "../../src/evaluation/reliability.js";
import { once } from "./support.js";

const lines = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat({ max: 1 })), { minLength: 1 });

describe("calibrationError", () => {
  it.each<[name: string, probability: number[], happened: number[], expected: number]>([
    ["sure and right", [1, 0], [1, 0], 0],
    ["sure and wrong", [1, 0], [0, 1], 1],
    ["right on average within a bin", [0.52, 0.58, 0.5, 0.5], [1, 1, 0, 0], 0.025],
    // Bin 0.1: 0.15 against 0 (two lines); bin 0.9: 0.95 against 1 (one line).
    ["two bins", [0.1, 0.2 - 1e-12, 0.95], [0, 0, 1], (0.3 + 0.05) / 3],
    ["a probability of 1 in the last bin", [1, 0.9], [1, 0], 0.45],
  ])("%s", (_, probability, happened, expected) => {
    expect(calibrationError(probability, happened, once(probability.length))).toBeCloseTo(expected, 10);
  });

  it("is not a number without lines", () => {
    expect(calibrationError([], [], [])).toBeNaN();
  });

  it("lies in [0, 1] and takes counts as repeated lines", () => {
    fc.assert(
      fc.property(lines, (list) => {
        const probability = list.map(([value]) => value);
        const happened = list.map(([, is]) => is);
        const error = calibrationError(probability, happened, once(list.length));
        expect(error).toBeGreaterThanOrEqual(0);
        expect(error).toBeLessThanOrEqual(1 + 1e-12);
        const twice = calibrationError(
          [...probability, ...probability],
          [...happened, ...happened],
          once(2 * list.length),
        );
        expect(calibrationError(probability, happened, once(list.length).fill(2))).toBeCloseTo(twice, 12);
      }),
    );
  });
});

describe("reliabilityBins", () => {
  it("names the bins that hold lines, with what was said and what came true", () => {
    const bins = reliabilityBins([0.12, 0.18, 0.95], [0, 1, 1]);
    expect(bins).toMatchObject([
      { from: 0.1, to: 0.2, observed: { value: 0.5, n: 2 } },
      { from: 0.9, to: 1, predicted: 0.95, observed: { value: 1, n: 1 } },
    ]);
    expect(bins[0].predicted).toBeCloseTo(0.15, 12);
  });

  it("holds every line once, and each bin its mean probability", () => {
    fc.assert(
      fc.property(lines, (list) => {
        const bins = reliabilityBins(
          list.map(([value]) => value),
          list.map(([, is]) => is),
        );
        expect(bins.reduce((sum, { observed }) => sum + observed.n, 0)).toBe(list.length);
        for (const { from, to, predicted } of bins) {
          expect(predicted).toBeGreaterThanOrEqual(from - 1e-9);
          expect(predicted).toBeLessThanOrEqual(to + 1e-9);
        }
      }),
    );
  });
});
