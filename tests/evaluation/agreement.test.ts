import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { confusionMatrix, countWithin, quadraticKappa } from "../../src/evaluation/agreement.js";
import { once } from "./support.js";

const rank = fc.nat({ max: 3 });
const pairs = fc.array(fc.tuple(rank, rank), { minLength: 1, maxLength: 60 });
const matrixOf = (list: readonly (readonly [number, number])[]) =>
  confusionMatrix(
    list.map(([truth]) => truth),
    list.map(([, given]) => given),
    once(list.length),
  );

describe("confusionMatrix", () => {
  it("has true levels as rows and given ones as columns, and counts lines as often as they count", () => {
    expect(confusionMatrix([0, 0, 1, 3, 3], [0, 2, 1, 3, 0], [1, 2, 1, 1, 0])).toEqual([
      [1, 0, 2, 0],
      [0, 1, 0, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 1],
    ]);
  });

  it("counts every line once", () => {
    fc.assert(
      fc.property(pairs, (list) => {
        expect(countWithin(matrixOf(list), 4, 4)).toBe(list.length);
      }),
    );
  });
});

describe("countWithin", () => {
  it("adds up the first rows and columns", () => {
    const matrix = [
      [1, 2, 4, 8],
      [16, 32, 64, 128],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ];
    expect([
      countWithin(matrix, 1, 1),
      countWithin(matrix, 2, 2),
      countWithin(matrix, 1, 4),
      countWithin(matrix, 4, 1),
    ]).toEqual([1, 51, 15, 17]);
  });
});

describe("quadraticKappa", () => {
  it("is what a calculation by hand gives", () => {
    // Observed: one miss by 2 (4). Expected: rows 2, 1, 0, 1 by columns 1, 1, 1, 1 over 4.
    // Row 0: 2 * (0+1+4+9) / 4 = 7; row 1: (1+0+1+4) / 4 = 1.5; row 3: (9+4+1+0) / 4 = 3.5. 1 - 4 / 12.
    const matrix = matrixOf([
      [0, 0],
      [0, 2],
      [1, 1],
      [3, 3],
    ]);
    expect(quadraticKappa(matrix)).toBeCloseTo(2 / 3, 12);
  });

  it("is 0 when the given levels have nothing to do with the true ones", () => {
    expect(quadraticKappa(new Array(4).fill([5, 5, 5, 5]))).toBeCloseTo(0, 12);
  });

  it("is not a number when there is only one level, and none without lines", () => {
    expect(quadraticKappa(matrixOf([[1, 1]]))).toBeNaN();
    expect(quadraticKappa(matrixOf([]))).toBeNaN();
  });

  it("is 1 for perfect agreement on two levels or more", () => {
    fc.assert(
      fc.property(fc.array(rank, { minLength: 2 }), (levels) => {
        fc.pre(new Set(levels).size > 1);
        expect(quadraticKappa(matrixOf(levels.map((level) => [level, level])))).toBe(1);
      }),
    );
  });

  it("is at most 1, and the same with true and given levels exchanged or turned upside down", () => {
    fc.assert(
      fc.property(pairs, (list) => {
        const kappa = quadraticKappa(matrixOf(list));
        fc.pre(!Number.isNaN(kappa));
        expect(kappa).toBeLessThanOrEqual(1);
        expect(quadraticKappa(matrixOf(list.map(([truth, given]) => [given, truth])))).toBeCloseTo(kappa, 10);
        expect(quadraticKappa(matrixOf(list.map(([truth, given]) => [3 - truth, 3 - given])))).toBeCloseTo(kappa, 10);
      }),
    );
  });
});
