import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countLabels, labelF1, macroF1 } from "../../src/evaluation/label-sets.js";
import { once } from "./support.js";

const set = fc.nat({ max: 0b111 });
const pairs = fc.array(fc.tuple(set, set), { minLength: 1, maxLength: 40 });

describe("countLabels", () => {
  it("counts what was found, added and missed of each label", () => {
    // Labels 0 and 1 on the first line, of which 1 is given beside 2; nothing on the second, which counts twice.
    expect(countLabels(4, [0b0011, 0], [0b0110, 0b1000], [1, 2])).toEqual([
      { found: 0, added: 0, missed: 1 },
      { found: 1, added: 0, missed: 0 },
      { found: 0, added: 1, missed: 0 },
      { found: 0, added: 2, missed: 0 },
    ]);
  });

  it("exchanges added and missed when truth and answer are exchanged", () => {
    fc.assert(
      fc.property(pairs, (list) => {
        const truth = list.map(([value]) => value);
        const given = list.map(([, value]) => value);
        const exchanged = countLabels(3, given, truth, once(list.length));
        expect(countLabels(3, truth, given, once(list.length))).toEqual(
          exchanged.map(({ found, added, missed }) => ({ found, added: missed, missed: added })),
        );
      }),
    );
  });
});

describe("labelF1 and macroF1", () => {
  it.each([
    [{ found: 1, added: 0, missed: 0 }, 1],
    // Precision 1/2, recall 2/3.
    [{ found: 2, added: 2, missed: 1 }, 4 / 7],
    [{ found: 0, added: 3, missed: 2 }, 0],
    [{ found: 0, added: 3, missed: 0 }, Number.NaN],
  ])("%j: %f", (counts, expected) => {
    expect(labelF1(counts)).toBe(expected);
  });

  it("takes the mean over labels that occur", () => {
    const counts = [
      { found: 1, added: 0, missed: 0 },
      { found: 0, added: 0, missed: 1 },
      { found: 0, added: 9, missed: 0 },
    ];
    expect(macroF1(counts)).toBe(0.5);
    expect(macroF1(counts.slice(2))).toBeNaN();
  });

  it("is 1 exactly when nothing of the labels that occur is missed or added", () => {
    fc.assert(
      fc.property(pairs, (list) => {
        const counts = countLabels(
          3,
          list.map(([value]) => value),
          list.map(([, value]) => value),
          once(list.length),
        );
        const present = counts.filter(({ found, missed }) => found + missed > 0);
        fc.pre(present.length > 0);
        expect(macroF1(counts) === 1).toBe(present.every(({ added, missed }) => added + missed === 0));
      }),
    );
  });
});
