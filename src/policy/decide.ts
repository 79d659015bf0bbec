import type { Category, ReviewCode, Signal, Urgency } from "../labels.js";
import { CATEGORIES, REVIEW_CODES, SIGNALS, URGENCIES } from "../labels.js";
import type { Assessment, Reason, Scores } from "../types.js";
import { calibrateUrgency } from "./calibration.js";
import { isGraver } from "./levels.js";
import { type CumulativeRisk, cumulativeRisk, levelOf, priorityOf, UNKNOWN_RISK } from "./priority.js";
import type { LabelThresholds, ModelThresholds, Policy } from "./schema.js";
import { selectLabels } from "./select.js";

/** What is known about one message: numbers and codes, never words. */
export interface DecisionInput {
  /** Calibrated; absent when the model could not run. */
  readonly scores?: Scores;
  /** The model's own thresholds, for what the policy leaves open. */
  readonly defaults: ModelThresholds;
  /** The gravest level that a phrase rule asks for. */
  readonly ruleLevel?: Urgency;
  /** Categories that phrase rules add. */
  readonly ruleCategories: readonly Category[];
  /** Signals that phrase rules add. */
  readonly ruleSignals: readonly Signal[];
  /** What earlier steps found doubtful. */
  readonly review: readonly ReviewCode[];
}

/** The part of an `Assessment` that a policy decides. */
export type Decision = Pick<
  Assessment,
  "urgency" | "priority" | "categories" | "signals" | "review" | "reasons" | "respondWithinMinutes" | "scores"
>;

/**
 * Turns scores into a level, a place in the queue and what a counsellor should see. Scores set the level; phrase rules,
 * minimum levels of categories and review codes can only raise it. Missing scores, or a score that is no number, never
 * end as `routine` in silence: they add `MODEL_UNAVAILABLE`. Pure: same input, same decision.
 */
export function decide(input: DecisionInput, policy: Policy): Decision {
  const { defaults } = input;
  const scores = calibrate(input.scores, policy);
  const risk = scores === undefined ? undefined : cumulativeRisk(scores.urgency);
  const categories = selectLabels(CATEGORIES, scores?.categories, input.ruleCategories, (category) =>
    thresholdOf(category, policy.categoryThresholds, defaults.categories),
  );
  const signals = selectLabels(SIGNALS, scores?.signals, input.ruleSignals, (signal) =>
    thresholdOf(signal, policy.signalThresholds, defaults.signals),
  );

  const reasons: Reason[] = [];
  let urgency = risk === undefined ? "routine" : levelOf(risk, { ...defaults.urgency, ...policy.urgencyThresholds });
  const raiseTo = (level: Urgency, reason: Reason): void => {
    if (!isGraver(level, urgency)) return;
    urgency = level;
    reasons.push(reason);
  };

  if (input.ruleLevel !== undefined) {
    if (isGraver(input.ruleLevel, urgency)) urgency = input.ruleLevel;
    reasons.push({ code: `rule:${input.ruleLevel}`, weight: 1 });
  }
  for (const { label, probability } of signals) reasons.push({ code: `signal:${label}`, weight: probability });
  for (const { label, probability } of categories) {
    const minimum = policy.minimumLevelByCategory[label];
    if (minimum !== undefined) raiseTo(minimum, { code: `category-minimum:${label}`, weight: probability });
  }

  const doubts = new Set(input.review);
  if (!isComplete(scores)) doubts.add("MODEL_UNAVAILABLE");
  if (risk !== undefined && isLowConfidence(urgency, risk, policy)) doubts.add("LOW_CONFIDENCE");
  const review = REVIEW_CODES.filter((code) => doubts.has(code));
  for (const code of review) raiseTo(policy.reviewLevels[code], { code: `review:${code}`, weight: 1 });

  return {
    urgency,
    priority: priorityOf(urgency, risk ?? UNKNOWN_RISK),
    categories: categories.map(({ label }) => label),
    signals: signals.map(({ label }) => label),
    review,
    reasons,
    respondWithinMinutes: policy.respondWithinMinutes[urgency],
    ...(scores && { scores }),
  };
}

function calibrate(scores: Scores | undefined, { calibration }: Policy): Scores | undefined {
  if (scores === undefined || calibration === undefined) return scores;
  return { ...scores, urgency: calibrateUrgency(scores.urgency, calibration) };
}

function thresholdOf<Label extends string>(
  label: Label,
  fromPolicy: LabelThresholds<Label> | undefined,
  fromModel: Readonly<Record<Label, number>>,
): number {
  return fromPolicy?.overrides?.[label] ?? fromPolicy?.default ?? fromModel[label];
}

function isComplete(scores: Scores | undefined): boolean {
  return (
    scores !== undefined &&
    URGENCIES.every((level) => Number.isFinite(scores.urgency[level])) &&
    CATEGORIES.every((category) => Number.isFinite(scores.categories[category])) &&
    SIGNALS.every((signal) => Number.isFinite(scores.signals[signal]))
  );
}

function isLowConfidence(level: Urgency, risk: CumulativeRisk, policy: Policy): boolean {
  if (level === "routine" && risk.urgent >= policy.lowConfidence.urgentOrGraver) return true;
  return isGraver("urgent", level) && risk.immediate >= policy.lowConfidence.immediate;
}
