import * as fc from "fast-check";
import { CATEGORIES, type Category, SIGNALS, type Signal, type Urgency } from "../../src/labels.js";
import type { DecisionInput } from "../../src/policy/decide.js";
import { UNTUNED_THRESHOLDS } from "../../src/policy/schema.js";
import type { Scores } from "../../src/types.js";

/** Scores with the given probabilities of the three gravest levels, the rest `routine`, and no label but those named. */
export function scoresOf(
  [immediate, urgent, soon]: readonly [number, number, number],
  categories: Partial<Record<Category, number>> = {},
  signals: Partial<Record<Signal, number>> = {},
): Scores {
  return {
    urgency: { immediate, urgent, soon, routine: 1 - immediate - urgent - soon },
    categories: { ...zeroForEach(CATEGORIES), ...categories },
    signals: { ...zeroForEach(SIGNALS), ...signals },
  };
}

/** An input with nothing but scores. */
export function inputOf(scores?: Scores, more: Partial<DecisionInput> = {}): DecisionInput {
  const bare = { defaults: UNTUNED_THRESHOLDS, ruleCategories: [], ruleSignals: [], review: [] };
  return scores === undefined ? { ...bare, ...more } : { ...bare, scores, ...more };
}

// Multiples of 1/1024 add up without rounding, so that a property fails for a wrong rule and not for a last bit.
const GRAIN = 1024;

/** Four probabilities that sum to exactly 1, gravest first; 0, 1 and ties are common. */
export const urgencyShares: fc.Arbitrary<Record<Urgency, number>> = fc
  .array(fc.oneof(fc.nat({ max: GRAIN }), fc.constantFrom(0, GRAIN / 4, GRAIN / 2, GRAIN)), {
    minLength: 3,
    maxLength: 3,
  })
  .map((cuts) => cuts.toSorted((left, right) => left - right) as [number, number, number])
  .map(([first, second, third]) => ({
    immediate: first / GRAIN,
    urgent: (second - first) / GRAIN,
    soon: (third - second) / GRAIN,
    routine: (GRAIN - third) / GRAIN,
  }));

/** Any probability, with the ends and one half common. */
export const probability: fc.Arbitrary<number> = fc.oneof(
  fc.nat({ max: GRAIN }).map((count) => count / GRAIN),
  fc.constantFrom(0, 0.5, 1),
);

/** Complete scores of any shape. */
export const anyScores: fc.Arbitrary<Scores> = fc.record({
  urgency: urgencyShares,
  categories: recordOf(CATEGORIES),
  signals: recordOf(SIGNALS),
});

function recordOf<Label extends string>(labels: readonly Label[]): fc.Arbitrary<Record<Label, number>> {
  return fc
    .array(probability, { minLength: labels.length, maxLength: labels.length })
    .map((values) => Object.fromEntries(labels.map((label, index) => [label, values[index]])) as Record<Label, number>);
}

function zeroForEach<Label extends string>(labels: readonly Label[]): Record<Label, number> {
  return Object.fromEntries(labels.map((label) => [label, 0])) as Record<Label, number>;
}
