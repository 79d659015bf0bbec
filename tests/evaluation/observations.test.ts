import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LabelledAssessment } from "../../src/evaluation/observations.js";
import { inFixedOrder, observe, selectLines } from "../../src/evaluation/observations.js";
import { anyLine, lineOf } from "./support.js";

describe("observe", () => {
  it("keeps a number of everything", async () => {
    const { columns, languages, slices, pack } = await observe([
      lineOf([0.25, 0.5], "immediate", "urgent", {
        language: "sw",
        categories: ["suicide", "mental_health"],
        signals: [],
        slice: "a",
      }),
      {
        assessment: {
          urgency: "routine",
          categories: ["suicide"],
          signals: ["plan"],
          language: { tag: "en", confidence: 1, supported: true },
          pack: "late@1",
        },
      },
    ]);
    expect(languages).toEqual(["sw", "en"]);
    expect(slices).toEqual(["a"]);
    expect(pack).toBeUndefined();
    expect(Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, [...column]]))).toEqual({
      trueLevel: [0, Number.NaN],
      level: [1, 3],
      immediate: [0.25, Number.NaN],
      urgent: [0.75, Number.NaN],
      trueCategories: [0b101, Number.NaN],
      categories: [0, 1],
      trueSignals: [0, Number.NaN],
      signals: [0, 2],
      language: [0, 1],
      slice: [0, Number.NaN],
    });
  });

  it("takes more lines than it first has room for, also asynchronously", async () => {
    async function* many(): AsyncGenerator<LabelledAssessment> {
      for (let line = 0; line < 5000; line += 1) yield lineOf([(line % 64) / 64, 0], "soon", "routine");
    }
    const { columns } = await observe(many());
    expect(columns.immediate.length).toBe(5000);
    expect(columns.immediate.every((value, line) => value === (line % 64) / 64)).toBe(true);
  });

  it.each<[name: string, line: unknown]>([
    ["a level", lineOf([0, 0], "panic" as "soon", "soon")],
    ["a category", { ...lineOf([0, 0], "soon", "soon"), categories: ["weather"] }],
    ["a signal", { ...lineOf([0, 0], "soon", "soon"), signals: ["weather"] }],
  ])("refuses %s that is none", async (_, line) => {
    await expect(observe([line as LabelledAssessment])).rejects.toMatchObject({ code: "LABEL_INVALID", details: {} });
  });
});

describe("inFixedOrder", () => {
  it("gives the same columns for the same lines in any order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyLine, { maxLength: 30 }), fc.infiniteStream(fc.nat()), async (lines, keys) => {
        const shuffled = lines
          .map((line) => ({ line, key: keys.next().value }))
          .sort((left, right) => left.key - right.key)
          .map(({ line }) => line);
        const [one, other] = [await observe(lines), await observe(shuffled)];
        const numbers = ({ columns }: typeof one) => {
          const { language: _, slice: __, ...rest } = inFixedOrder(columns);
          return rest;
        };
        expect(numbers(one)).toEqual(numbers(other));
        // Groups keep their lines, although they may be numbered differently.
        for (const [place, name] of one.languages.entries()) {
          const group = (of: typeof one, number: number) => {
            const {
              language: _,
              slice: __,
              ...rest
            } = selectLines(inFixedOrder(of.columns), (line) => inFixedOrder(of.columns).language[line] === number);
            return rest;
          };
          expect(group(one, place)).toEqual(group(other, other.languages.indexOf(name)));
        }
      }),
      { numRuns: 50 },
    );
  });
});
