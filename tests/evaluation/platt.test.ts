import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitLogitMap } from "../../src/evaluation/platt.js";
import { createRandom } from "../../src/evaluation/random.js";
import { logitOf, mapProbability } from "../../src/policy/calibration.js";

const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));

describe("fitLogitMap", () => {
  it.each([
    [1, 0],
    [0.5, -1],
    [2, 1.5],
  ])("finds slope %f and offset %f again", (slope, offset) => {
    const random = createRandom(1);
    const probability: number[] = [];
    const happened: number[] = [];
    for (let line = 0; line < 40_000; line += 1) {
      const logit = 6 * random() - 3;
      probability.push(sigmoid(logit));
      happened.push(random() < sigmoid(slope * logit + offset) ? 1 : 0);
    }
    const map = fitLogitMap(probability, happened);
    expect(map?.slope).toBeCloseTo(slope, 1);
    expect(map?.offset).toBeCloseTo(offset, 1);
  });

  it("stays finite when the lines can be told apart without a mistake", () => {
    const map = fitLogitMap([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1]);
    expect(map?.slope).toBeGreaterThan(0);
    expect(map?.slope).toBeLessThan(100);
  });

  it.each<[name: string, probability: number[], happened: number[]]>([
    ["higher probabilities come true less often", [0.1, 0.2, 0.8, 0.9], [1, 1, 0, 0]],
    ["all probabilities are the same", [0.5, 0.5], [0, 1]],
  ])("gives none when %s", (_, probability, happened) => {
    expect(fitLogitMap(probability, happened)).toBeUndefined();
  });

  it("ends where no small step would fit better", () => {
    const lines = fc.array(fc.tuple(fc.double({ min: 0.01, max: 0.99, noNaN: true }), fc.nat({ max: 1 })), {
      minLength: 6,
      maxLength: 60,
    });
    fc.assert(
      fc.property(lines, (list) => {
        const hits = list.filter(([, is]) => is === 1).length;
        const [high, low] = [(hits + 1) / (hits + 2), 1 / (list.length - hits + 2)];
        const loss = (slope: number, offset: number): number =>
          list.reduce((sum, [value, is]) => {
            const mapped = sigmoid(slope * logitOf(value) + offset);
            const target = is ? high : low;
            return sum - target * Math.log(mapped) - (1 - target) * Math.log(1 - mapped);
          }, 0);
        const map = fitLogitMap(
          list.map(([value]) => value),
          list.map(([, is]) => is),
        );
        fc.pre(map !== undefined);
        const best = loss(map.slope, map.offset);
        for (const [slope, offset] of [
          [0.01, 0],
          [-0.01, 0],
          [0, 0.01],
          [0, -0.01],
        ])
          expect(loss(map.slope + slope, map.offset + offset)).toBeGreaterThanOrEqual(best - 1e-9);
        expect(mapProbability(0.6, map)).toBeGreaterThan(mapProbability(0.5, map));
      }),
    );
  });
});
