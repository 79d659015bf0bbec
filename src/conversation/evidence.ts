import type { Category, Signal } from "../labels.js";
import { logitOf } from "../policy/calibration.js";
import { cumulativeRisk, UNKNOWN_RISK } from "../policy/priority.js";
import type { Assessment, Scores } from "../types.js";

/** Levels that evidence is kept for: `immediate`, `urgent` or graver, `soon` or graver. */
export const LEVELS = 3;
/** Levels that a phrase rule can ask for and that count by themselves: `immediate`, `urgent` or graver. */
export const RULE_LEVELS = 2;

/** What a course of small signs is made of: the strongest label of each group counts. All are harm, so none may lower. */
const COURSE_GROUPS: ReadonlyArray<{
  readonly categories?: readonly Category[];
  readonly signals?: readonly Signal[];
}> = [
  { categories: ["online_sexual_exploitation", "sexual_violence"] },
  { categories: ["exploitation", "armed_conflict", "harmful_practices", "community_violence"] },
  { categories: ["family_violence", "bullying", "neglect"] },
  { categories: ["suicide", "self_harm"] },
  { signals: ["coerced_secrecy"] },
  { signals: ["images"] },
  { signals: ["threatened", "perpetrator_near"] },
  { signals: ["intent", "plan", "means", "now", "injury"] },
  { signals: ["young", "alone"] },
];
/** Groups of labels that courses are made of. */
export const COURSES: number = COURSE_GROUPS.length;

/** What a text may be about besides harm. These alone may count for less risk. `denied` is left out on purpose. */
const CONTEXT_GROUPS: ReadonlyArray<{
  readonly categories?: readonly Category[];
  readonly signals?: readonly Signal[];
}> = [{ signals: ["not_literal"] }, { signals: ["past"] }, { categories: ["education", "relationships"] }];
/** Groups of labels that are not harm. */
export const CONTEXTS: number = CONTEXT_GROUPS.length;

/** What one turn adds to a conversation: numbers only. */
export interface Evidence {
  /** Per level, 0 for less than 0.7% likely, 1 for even odds, 2 for more than 99.3%. */
  readonly levels: readonly number[];
  /** Per level of a rule, 1 when a rule asked for it or for a graver one. */
  readonly rules: readonly number[];
  /** Per group, in [0, 1]. */
  readonly courses: readonly number[];
  /** Per group, in [0, 1]. */
  readonly contexts: readonly number[];
  /** Square root of the number of words, of at most 20: how much the turn counts in a mean. */
  readonly weight: number;
}

// Five logits to either side of even odds; more certainty than that no model here has earned.
const LOGIT_RANGE = 5;
const MOST_WORDS = 20;

/** Takes from an assessment what a conversation is judged by. Scores that are missing count as unknown, not as harmless. */
export function evidenceOf({ scores, reasons, coverage }: Assessment): Evidence {
  const risk = (scores && cumulativeRisk(scores.urgency)) ?? UNKNOWN_RISK;
  const hasRule = (code: string): boolean => reasons.some((reason) => reason.code === code);
  const immediate = hasRule("rule:immediate");
  return {
    levels: [risk.immediate, risk.urgent, risk.soon].map(scaledLogit),
    rules: [Number(immediate), Number(immediate || hasRule("rule:urgent"))],
    courses: COURSE_GROUPS.map((group) => strongest(scores, group)),
    contexts: CONTEXT_GROUPS.map((group) => strongest(scores, group)),
    weight: Math.sqrt(Math.min(Math.max(coverage.tokens, 1), MOST_WORDS)),
  };
}

function scaledLogit(probability: number): number {
  return Math.min(Math.max(1 + logitOf(probability) / LOGIT_RANGE, 0), 2);
}

function strongest(
  scores: Scores | undefined,
  { categories = [], signals = [] }: (typeof COURSE_GROUPS)[number],
): number {
  if (scores === undefined) return 0;
  const values = [
    ...categories.map((category) => scores.categories[category]),
    ...signals.map((signal) => scores.signals[signal]),
  ];
  return Math.max(0, ...values.filter(Number.isFinite));
}
