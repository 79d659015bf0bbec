import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Category, Urgency } from "../../src/labels.js";
import { categoryF1, findRegressions, measure, type Result, type SuiteFigures } from "./measure.js";
import type { SuiteLine } from "./suites.js";

const LEVELS: Readonly<Record<string, Urgency>> = { I: "immediate", U: "urgent", S: "soon", R: "routine" };

function line(level: string, pair?: string, categories: readonly Category[] = []): SuiteLine {
  const text = "";
  const urgency = LEVELS[level];
  return { text, language: "en", urgency, categories, signals: [], slice: "made-up", ...(pair && { pair }) };
}

function result(level: string, categories: readonly Category[] = []): Result {
  return { urgency: LEVELS[level], categories };
}

const lines = (levels: string): SuiteLine[] => [...levels].map((level) => line(level));
const results = (levels: string): Result[] => [...levels].map((level) => result(level));

describe("measure", () => {
  it.each([
    { labelled: "IUSR", given: "IUSR", exact: 4, kappa: 1, overlooked: [0, 1], raised: [0, 1] },
    { labelled: "IUSR", given: "RSUI", exact: 0, kappa: -1, overlooked: [1, 1], raised: [1, 1] },
    { labelled: "IUSR", given: "SSSS", exact: 1, kappa: 0, overlooked: [1, 1], raised: [0, 1] },
    { labelled: "IIII", given: "IUSR", exact: 1, kappa: null, overlooked: [2, 4], raised: [0, 0] },
    { labelled: "RRRR", given: "IUSR", exact: 1, kappa: null, overlooked: [0, 0], raised: [2, 4] },
    // Weighted disagreement 1; by chance (2 x (1 + 2 x 9) + 2 x (9 + 4)) / 4 = 16.
    { labelled: "IIRR", given: "IURR", exact: 3, kappa: 1 - 1 / 16, overlooked: [0, 2], raised: [0, 2] },
  ])("counts $labelled given $given", ({ labelled, given, kappa, ...counts }) => {
    const figures = measure(lines(labelled), results(given));
    expect(figures).toMatchObject({ n: 4, ...counts, steady: null });
    if (kappa === null) expect(figures.kappa).toBeNull();
    else expect(figures.kappa).toBeCloseTo(kappa, 10);
  });

  it("counts a set as steady only when all its lines stand at one level, wherever they are", () => {
    const sets = [line("R", "a"), line("R", "b"), line("R", "a"), line("R"), line("R", "b")];
    expect(measure(sets, results("SRSIU")).steady).toEqual([1, 2]);
    expect(measure(sets, results("SRRIR")).steady).toEqual([1, 2]);
    expect(measure(sets, results("SRSIR")).steady).toEqual([2, 2]);
  });
});

describe("measure, for any levels", () => {
  const levels = fc.string({ unit: fc.constantFrom("I", "U", "S", "R"), minLength: 1, maxLength: 30 });

  it("finds nothing wrong where every level is the labelled one", () => {
    fc.assert(
      fc.property(levels, (own) => {
        const { n, exact, kappa, overlooked, raised } = measure(lines(own), results(own));
        expect([n, exact, overlooked[0], raised[0]]).toEqual([own.length, own.length, 0, 0]);
        expect(kappa).toBe(new Set(own).size > 1 ? 1 : null);
      }),
    );
  });

  it("does not depend on the order of the lines, and is no fall against itself", () => {
    fc.assert(
      fc.property(levels, levels, (labelled, given) => {
        const length = Math.min(labelled.length, given.length);
        const figures = measure(lines(labelled.slice(0, length)), results(given.slice(0, length)));
        const reversed = measure(lines(labelled.slice(0, length)).reverse(), results(given.slice(0, length)).reverse());
        expect(reversed).toEqual(figures);
        expect(findRegressions({ one: figures }, { one: reversed })).toEqual([]);
      }),
    );
  });
});

describe("categoryF1", () => {
  it.each([
    { labelled: ["suicide"], given: ["suicide"], f1: 1 },
    { labelled: ["suicide"], given: ["bullying"], f1: 0 },
    { labelled: ["suicide", "bullying"], given: ["suicide"], f1: 2 / 3 },
    { labelled: [], given: [], f1: 1 },
  ] satisfies { labelled: Category[]; given: Category[]; f1: number }[])(
    "is $f1 for $given against $labelled",
    ({ labelled, given, f1 }) => {
      expect(categoryF1([line("R", undefined, labelled)], [result("R", given)])).toBeCloseTo(f1, 10);
    },
  );
});

describe("findRegressions", () => {
  const before: SuiteFigures = { n: 10, exact: 6, kappa: 0.5, overlooked: [1, 3], raised: [1, 4], steady: [2, 3] };
  const oneLevel: SuiteFigures = { n: 10, exact: 6, kappa: null, overlooked: [1, 10], raised: [0, 0], steady: null };

  it.each<[name: string, change: Partial<SuiteFigures>, figures: string[]]>([
    ["the same figures", {}, []],
    ["better figures", { exact: 7, kappa: 0.51, overlooked: [0, 3], raised: [0, 4], steady: [3, 3] }, []],
    ["what one line can do", { kappa: 0.41, overlooked: [2, 3], raised: [2, 4], steady: [1, 3] }, []],
    ["a lower kappa", { kappa: 0.3999 }, ["agreement"]],
    ["two more overlooked", { overlooked: [3, 3] }, ["overlooked"]],
    ["two more raised", { raised: [3, 4] }, ["raised"]],
    ["two sets less", { steady: [0, 3] }, ["steady"]],
    ["another number of lines", { n: 11, kappa: 0.9 }, ["n"]],
    ["several at once", { kappa: 0, raised: [4, 4] }, ["agreement", "raised"]],
  ])("judges %s", (_, change, figures) => {
    const found = findRegressions({ one: before }, { one: { ...before, ...change } });
    expect(found).toEqual(figures.map((figure) => ({ suite: "one", figure })));
  });

  it("holds exact lines where there is no kappa", () => {
    expect(findRegressions({ one: oneLevel }, { one: { ...oneLevel, exact: 5 } })).toEqual([]);
    expect(findRegressions({ one: oneLevel }, { one: { ...oneLevel, exact: 4 } })).toHaveLength(1);
  });

  it("misses no suite that is only on one side", () => {
    expect(findRegressions({ one: before }, { two: before })).toEqual([
      { suite: "one", figure: "missing" },
      { suite: "two", figure: "missing" },
    ]);
  });
});
