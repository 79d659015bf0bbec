import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  areaUnderCurve,
  orderByScore,
  precisionRecallCurve,
  recallAtFalseAlarms,
} from "../../src/evaluation/ranking.js";
import { once } from "./support.js";

const area = (scores: number[], positive: number[], counts: ArrayLike<number> = once(scores.length)): number =>
  areaUnderCurve(scores, positive, orderByScore(scores), counts);
const recallAt = (scores: number[], positive: number[], share: number, counts = once(scores.length)): number =>
  recallAtFalseAlarms(scores, positive, orderByScore(scores), counts, share);

const lines = fc
  .array(fc.tuple(fc.nat({ max: 20 }), fc.nat({ max: 1 })), { minLength: 2, maxLength: 40 })
  .filter((list) => list.some(([, is]) => is === 0) && list.some(([, is]) => is === 1));
const columns = (list: [number, number][]): [number[], number[]] => [
  list.map(([score]) => score),
  list.map(([, is]) => is),
];

describe("areaUnderCurve", () => {
  it.each([
    ["perfect order", [0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1], 1],
    ["reversed order", [0.9, 0.8, 0.2, 0.1], [0, 0, 1, 1], 0],
    ["all tied", [0.5, 0.5, 0.5], [0, 1, 1], 0.5],
    // Pairs: 0.35 over 0.1 but not over 0.4; 0.8 over both.
    ["three of four pairs", [0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1], 0.75],
    ["a tie across kinds", [0.3, 0.3, 0.6], [0, 1, 1], 0.75],
  ])("%s", (_, scores, positive, expected) => {
    expect(area(scores, positive)).toBe(expected);
  });

  it.each([
    [
      [1, 2],
      [0, 0],
    ],
    [
      [1, 2],
      [1, 1],
    ],
    [[], []],
  ])("is not a number for %j with %j", (scores, positive) => {
    expect(area(scores, positive)).toBeNaN();
  });

  it("is the share of pairs in the right order, and does not change under rising maps or other orders", () => {
    fc.assert(
      fc.property(lines, (list) => {
        const [scores, positive] = columns(list);
        let won = 0;
        let pairs = 0;
        for (const [high, isPositive] of list) {
          for (const [low, isOther] of list) {
            if (!isPositive || isOther) continue;
            pairs += 1;
            won += high > low ? 1 : high === low ? 0.5 : 0;
          }
        }
        expect(area(scores, positive)).toBeCloseTo(won / pairs, 12);
        expect(
          area(
            scores.map((score) => Math.exp(score) - 7),
            positive,
          ),
        ).toBe(area(scores, positive));
        expect(area(scores.toReversed(), positive.toReversed())).toBe(area(scores, positive));
        expect(
          area(
            scores.map((score) => -score),
            positive,
          ),
        ).toBeCloseTo(1 - area(scores, positive), 12);
      }),
    );
  });

  it("takes a line that counts twice as two lines", () => {
    fc.assert(
      fc.property(lines, (list) => {
        const [scores, positive] = columns(list);
        const counts = list.map((_, line) => line % 3);
        const repeated = list.flatMap((line, index) => new Array<[number, number]>(counts[index]).fill(line));
        const [repeatedScores, repeatedPositive] = columns(repeated);
        expect(area(scores, positive, counts)).toEqual(area(repeatedScores, repeatedPositive));
      }),
    );
  });
});

describe("recallAtFalseAlarms", () => {
  // Negatives 0 to 100: numpy.quantile gives 95 for 5%, 99 for 1%.
  const scores = [...Array.from({ length: 101 }, (_, index) => index), 94, 95, 95.5, 99, 99.5];
  const positive = scores.map((_, line) => (line > 100 ? 1 : 0));

  it.each([
    [0.05, 3 / 5],
    [0.01, 1 / 5],
    // Between 94 and 95: 94.5.
    [0.055, 4 / 5],
  ])("at %f: %f", (share, expected) => {
    expect(recallAt(scores, positive, share)).toBeCloseTo(expected, 12);
  });

  it("is not a number without both kinds", () => {
    expect(recallAt([1, 2], [1, 1], 0.05)).toBeNaN();
    expect(recallAt([1, 2], [0, 0], 0.05)).toBeNaN();
  });

  it("never falls when more false alarms are allowed, and takes counts as repeated lines", () => {
    const anyShare = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(lines, anyShare, anyShare, (list, one, other) => {
        const [scoreColumn, positiveColumn] = columns(list);
        const [less, more] = [Math.min(one, other), Math.max(one, other)];
        expect(recallAt(scoreColumn, positiveColumn, less)).toBeLessThanOrEqual(
          recallAt(scoreColumn, positiveColumn, more),
        );
        const [twiceScores, twicePositive] = columns([...list, ...list]);
        expect(recallAt(scoreColumn, positiveColumn, one, once(list.length).fill(2))).toBe(
          recallAt(twiceScores, twicePositive, one),
        );
      }),
    );
  });
});

describe("precisionRecallCurve", () => {
  it("names every score once, from the highest down", () => {
    expect(precisionRecallCurve([0.9, 0.8, 0.8, 0.1], [1, 0, 1, 0])).toEqual([
      { threshold: 0.9, recall: 0.5, precision: 1 },
      { threshold: 0.8, recall: 1, precision: 2 / 3 },
      { threshold: 0.1, recall: 1, precision: 0.5 },
    ]);
  });

  it("is empty without positive lines", () => {
    expect(precisionRecallCurve([0.5], [0])).toEqual([]);
  });

  it("keeps a limited number of points, the last among them", () => {
    const scores = Array.from({ length: 1000 }, (_, index) => index);
    const curve = precisionRecallCurve(
      scores,
      scores.map((score) => score % 2),
      50,
    );
    expect(curve.length).toBeLessThanOrEqual(51);
    expect(curve.length).toBeGreaterThanOrEqual(50);
    expect(curve.at(-1)).toEqual({ threshold: 0, recall: 1, precision: 0.5 });
  });
});
