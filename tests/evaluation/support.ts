import * as fc from "fast-check";
import type { LabelledAssessment } from "../../src/evaluation/observations.js";
import { CATEGORIES, SIGNALS, URGENCIES } from "../../src/labels.js";
import { scoresOf } from "../policy/support.js";

/** Every line once. */
export function once(lines: number): Uint8Array {
  return new Uint8Array(lines).fill(1);
}

/** A line with only what a test names: p(immediate), p(urgent), the true level and the given one. */
export function lineOf(
  [immediate, urgent]: readonly [number, number],
  trueLevel: (typeof URGENCIES)[number],
  level: (typeof URGENCIES)[number],
  more: Partial<LabelledAssessment> = {},
): LabelledAssessment {
  return {
    urgency: trueLevel,
    assessment: { urgency: level, scores: scoresOf([immediate, urgent, 0]), categories: [], signals: [] },
    ...more,
  };
}

// Multiples of 1/64 add up without rounding, so that sums do not depend on the order of lines.
const share = fc.nat({ max: 32 }).map((count) => count / 64);

/** Any labelled line; labels of a kind, scores and groups may be missing. */
export const anyLine: fc.Arbitrary<LabelledAssessment> = fc
  .record({
    shares: fc.option(fc.tuple(share, share), { nil: undefined }),
    level: fc.constantFrom(...URGENCIES),
    urgency: fc.option(fc.constantFrom(...URGENCIES), { nil: undefined }),
    categories: fc.option(fc.subarray([...CATEGORIES]), { nil: undefined }),
    signals: fc.option(fc.subarray([...SIGNALS]), { nil: undefined }),
    givenCategories: fc.subarray([...CATEGORIES]),
    givenSignals: fc.subarray([...SIGNALS]),
    language: fc.constantFrom("en", "sw"),
    slice: fc.option(fc.constantFrom("one", "two"), { nil: undefined }),
  })
  .map(({ shares, level, urgency, categories, signals, givenCategories, givenSignals, language, slice }) => ({
    ...(urgency && { urgency }),
    ...(categories && { categories }),
    ...(signals && { signals }),
    ...(slice && { slice }),
    language,
    assessment: {
      urgency: level,
      categories: givenCategories,
      signals: givenSignals,
      ...(shares && { scores: scoresOf([shares[0], shares[1], 0]) }),
    },
  }));
