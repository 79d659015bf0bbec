import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluate } from "../../src/evaluation/evaluate.js";
import { FIGURES } from "../../src/evaluation/figures.js";
import type { LabelledAssessment } from "../../src/evaluation/observations.js";
import { anyLine, lineOf } from "./support.js";

const QUICK = { seed: 1, resamples: 20 };

/** Ten lines whose figures are easy to see. */
const TEN: readonly LabelledAssessment[] = [
  lineOf([0.9, 0.1], "immediate", "immediate"),
  lineOf([0.8, 0.1], "immediate", "immediate"),
  lineOf([0.4, 0.4], "immediate", "urgent"),
  lineOf([0.1, 0.1], "immediate", "soon"),
  lineOf([0.2, 0.7], "urgent", "urgent"),
  lineOf([0.6, 0.1], "urgent", "immediate"),
  lineOf([0, 0.1], "soon", "soon"),
  lineOf([0, 0.5], "routine", "urgent"),
  lineOf([0, 0], "routine", "routine"),
  lineOf([0, 0], "routine", "routine"),
];

describe("evaluate", () => {
  it("gives the figures that counting by hand gives", async () => {
    const report = await evaluate(TEN, QUICK);
    expect(report).toMatchObject({
      schemaVersion: 1,
      lines: 10,
      labelled: { urgency: 10, categories: 0, signals: 0 },
      withoutScores: 0,
      levels: { immediate: 4, urgent: 2, soon: 1, routine: 3 },
      confusion: [
        [2, 1, 1, 0],
        [1, 1, 0, 0],
        [0, 0, 1, 0],
        [0, 1, 0, 2],
      ],
    });
    const expected: Record<string, [number, number]> = {
      recallImmediate: [2 / 4, 4],
      precisionImmediate: [2 / 3, 3],
      recallUrgentOrAbove: [5 / 6, 6],
      precisionUrgentOrAbove: [5 / 6, 6],
      overlooked: [1 / 4, 4],
      falseAlarms: [1 / 3, 3],
      accuracy: [6 / 10, 10],
      // Of 4 * 6 pairs the immediate lines lose 0.4 to 0.6, and 0.1 to 0.6 and 0.2.
      aurocImmediate: [21 / 24, 10],
      // Of 6 * 4 pairs 0.2 (the overlooked line) loses to 0.5.
      aurocUrgentOrAbove: [23 / 24, 10],
    };
    for (const [name, [value, n]] of Object.entries(expected)) {
      const estimate = report.figures[name as keyof typeof FIGURES] ?? expect.unreachable(name);
      expect(estimate.value, name).toBeCloseTo(value, 12);
      expect(estimate.n, name).toBe(n);
    }
    expect(Object.keys(report.figures)).not.toContain("categoryMacroF1");
    expect(report).not.toHaveProperty("categories");
  });

  it("measures only what the labels allow", async () => {
    const labels: LabelledAssessment[] = [
      {
        categories: ["suicide"],
        assessment: { urgency: "soon", categories: ["suicide", "bullying"], signals: ["plan"] },
      },
      { categories: [], assessment: { urgency: "soon", categories: [], signals: [] } },
    ];
    const report = await evaluate(labels, QUICK);
    expect(Object.keys(report.figures)).toEqual(["categoryMacroF1"]);
    expect(report.categories).toMatchObject([
      { label: "suicide", n: 1, precision: { value: 1, n: 1 }, recall: { value: 1, n: 1 }, f1: { value: 1 } },
      { label: "bullying", n: 0, precision: { value: 0, n: 1 } },
    ]);
    expect(report.categories?.[1]).not.toHaveProperty("recall");
    for (const missing of ["confusion", "levels", "curves", "signals"]) expect(report).not.toHaveProperty(missing);
  });

  it("measures levels also where scores are missing, and probabilities only where they are not", async () => {
    const unscored = { urgency: "immediate", assessment: { urgency: "urgent", categories: [], signals: [] } } as const;
    const report = await evaluate([...TEN, unscored], QUICK);
    expect(report.withoutScores).toBe(1);
    expect(report.figures.recallImmediate).toMatchObject({ value: 2 / 5, n: 5 });
    expect(report.figures.aurocImmediate).toMatchObject({ n: 10 });
  });

  it("says what gave the assessments", async () => {
    const line = lineOf([0, 0], "soon", "soon");
    const named = { ...line, assessment: { ...line.assessment, pack: "base@1.0.0", policy: "ours@2" } };
    expect(await evaluate([named], QUICK)).toMatchObject({ pack: "base@1.0.0", policy: "ours@2" });
  });

  it("measures groups of 20 lines by themselves, and says of smaller ones that they are", async () => {
    const repeat = (count: number, more: Partial<LabelledAssessment>): LabelledAssessment[] =>
      new Array(count).fill(lineOf([0.5, 0], "urgent", "urgent", more));
    const report = await evaluate(
      [...repeat(20, { language: "sw", slice: "b" }), ...repeat(19, { language: "en", slice: "a" }), ...repeat(1, {})],
      QUICK,
    );
    expect(report.languages).toMatchObject([
      { id: "en", lines: 19, tooFew: true },
      { id: "sw", lines: 20, figures: { accuracy: { value: 1, n: 20 } } },
    ]);
    expect(report.languages[0]).not.toHaveProperty("figures");
    expect(report.slices.map(({ id }) => id)).toEqual(["a", "b"]);
  });

  it("gives the same report whatever the order of lines, intervals included", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyLine, { maxLength: 60 }), fc.infiniteStream(fc.nat()), async (lines, keys) => {
        const shuffled = lines
          .map((line) => ({ line, key: keys.next().value }))
          .sort((left, right) => left.key - right.key)
          .map(({ line }) => line);
        expect(await evaluate(shuffled, QUICK)).toEqual(await evaluate(lines, QUICK));
      }),
      { numRuns: 30 },
    );
  });

  it("gives intervals that hold their figures, and no number that is none", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyLine, { maxLength: 60 }), async (lines) => {
        const report = await evaluate(lines, QUICK);
        expect(JSON.parse(JSON.stringify(report))).toEqual(report);
        const groups = [...report.languages, ...report.slices].map(({ figures }) => figures ?? {});
        for (const figures of [report.figures, ...groups]) {
          for (const [name, estimate] of Object.entries(figures)) {
            expect(Object.keys(FIGURES)).toContain(name);
            expect(estimate.low).toBeLessThanOrEqual(estimate.value);
            expect(estimate.high).toBeGreaterThanOrEqual(estimate.value);
            expect(estimate.n).toBeGreaterThan(0);
          }
        }
      }),
      { numRuns: 30 },
    );
  });
});
