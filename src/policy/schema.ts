import type { Category, ReviewCode, Signal, Urgency } from "../labels.js";
import { CATEGORIES, SIGNALS } from "../labels.js";

/**
 * Thresholds on the calibrated probabilities. The level is `immediate` when p(immediate) reaches `immediate`; else
 * `urgent` when p(immediate) + p(urgent) reaches `urgent`, or when p(immediate) reaches `doubt` and is at least
 * `doubtRatio` times p(routine); else `soon` when the sum of the three gravest reaches `soon`; else `routine`.
 *
 * The second way to `urgent` is for danger that is understated: the model thinks it likelier that somebody is dying than
 * that nothing is the matter, although most of its belief lies between. At the same number of false alarms it overlooks
 * fewer immediate texts than the sum alone.
 */
export interface UrgencyThresholds {
  /** In (0, 1]. */
  readonly immediate: number;
  /** In (0, 1]. */
  readonly urgent: number;
  /** In (0, 1]. */
  readonly soon: number;
  /** In (0, 1]; 1 in effect switches the second way off. */
  readonly doubt: number;
  /** Above 0. */
  readonly doubtRatio: number;
}

/** The thresholds that a model brings, one per label, for what a policy leaves open. */
export interface ModelThresholds {
  readonly urgency: UrgencyThresholds;
  readonly categories: Readonly<Record<Category, number>>;
  readonly signals: Readonly<Record<Signal, number>>;
}

/** An operator's thresholds in (0, 1]: per label first, then one for all labels, then those of the model. */
export interface LabelThresholds<Label extends string> {
  readonly default?: number;
  readonly overrides?: Readonly<Partial<Record<Label, number>>>;
}

/** The level to which each review code at least raises a message. */
export interface ReviewLevels extends Readonly<Record<Exclude<ReviewCode, "LOW_CONFIDENCE">, Urgency>> {
  /**
   * At most `soon`: a message in doubt must not pass one that surely scores higher. Who wants doubt to count for more
   * lowers `urgencyThresholds` instead.
   */
  readonly LOW_CONFIDENCE: "soon" | "routine";
}

/** From which probabilities on `LOW_CONFIDENCE` is raised although the level stays low. */
export interface LowConfidence {
  /** p(immediate) at or over this, in (0, 1], while the level is below `urgent`. */
  readonly immediate: number;
  /** p(immediate) + p(urgent) at or over this, in (0, 1], while the level is `routine`. */
  readonly urgentOrGraver: number;
}

/** From one probability to another, on the logarithm of the odds: `slope * logit + offset` (Platt 1999). */
export interface LogitMap {
  /** Above 0, so that a higher probability stays the higher one. */
  readonly slope: number;
  readonly offset: number;
}

/**
 * Maps of the cumulative probabilities: of `immediate`, of `urgent` or graver, of `soon` or graver. One that is missing
 * changes nothing.
 */
export interface UrgencyCalibration {
  readonly immediate?: LogitMap;
  readonly urgent?: LogitMap;
  readonly soon?: LogitMap;
}

/** Which messages the second stage of a pack reads too: those that the first one does not settle. */
export interface SecondLook {
  /** In [0, 1]: p(soon or graver) by the first stage is at least this. From 0 on every message is read twice. */
  readonly riskFrom: number;
  /** In [0, 1]: p(immediate) by the first stage is at most this; who is at the front already gains nothing. */
  readonly immediateUpTo: number;
}

/** How scores become decisions: everything that an operator may set without touching the model. */
export interface Policy {
  /** Shown as `name@version` in every result; letters, digits, `_`, `.` and `-`. */
  readonly name: string;
  /** Changes whenever any other field does. */
  readonly version: string;
  /** Corrects the model's probabilities of the levels for the messages of one helpline, before any threshold. */
  readonly calibration?: UrgencyCalibration;
  /** Override the model's own, each by itself. */
  readonly urgencyThresholds?: Readonly<Partial<UrgencyThresholds>>;
  /** Override the model's own. */
  readonly categoryThresholds?: LabelThresholds<Category>;
  /** Override the model's own. */
  readonly signalThresholds?: LabelThresholds<Signal>;
  /** Minutes within which a person should have answered; never fewer for a less grave level. */
  readonly respondWithinMinutes: Readonly<Record<Urgency, number>>;
  /** A message with this category over its threshold is never below this level. */
  readonly minimumLevelByCategory: Readonly<Partial<Record<Category, Urgency>>>;
  readonly reviewLevels: ReviewLevels;
  readonly lowConfidence: LowConfidence;
  /** `DEFAULT_SECOND_LOOK` when absent; null: the second stage is not even loaded. */
  readonly secondLook?: SecondLook | null;
  /** What to show instead of a level's id; ids in results stay. */
  readonly displayNames?: Readonly<Partial<Record<Urgency, string>>>;
}

/**
 * Thresholds for a model that brings none of its own. They favour recall of `immediate`: a false alarm costs a minute of
 * a counsellor, a missed one may cost a life.
 */
export const UNTUNED_THRESHOLDS: ModelThresholds = Object.freeze({
  urgency: Object.freeze({ immediate: 0.35, urgent: 0.4, soon: 0.5, doubt: 0.2, doubtRatio: 2 }),
  categories: halfForEach(CATEGORIES),
  signals: halfForEach(SIGNALS),
});

/**
 * Reads a second time what may be serious and is not surely at the front already. On texts that neither stage was trained
 * on, reading all of them twice gives the same figures (the curve is in the model card, by
 * models/training/encoder_combine.py); everyday messages are mostly settled at once.
 */
export const DEFAULT_SECOND_LOOK: SecondLook = Object.freeze({ riskFrom: 0.2, immediateUpTo: 0.9 });

/**
 * The policy used when an operator gives none; all thresholds are the model's.
 *
 * `respondWithinMinutes` is a choice for written messages, stricter than the scales it follows, because those count the
 * time to a face-to-face contact: UK Mental Health Triage Scale (Sands, Elsom, Colgate 2015): A at once, B within
 * 4 hours, C within 24 hours. 60 minutes is what the Manchester Triage System allows for "urgent".
 * `minimumLevelByCategory` follows the label guide: a text that really speaks of these is never `routine`, even looking back.
 */
export const DEFAULT_POLICY: Policy = Object.freeze({
  name: "earshot-default",
  version: "1.1.0",
  respondWithinMinutes: Object.freeze({ immediate: 5, urgent: 60, soon: 24 * 60, routine: 72 * 60 }),
  minimumLevelByCategory: Object.freeze({
    suicide: "soon",
    self_harm: "soon",
    sexual_violence: "soon",
    online_sexual_exploitation: "soon",
  }),
  reviewLevels: Object.freeze({
    LOW_CONFIDENCE: "soon",
    LANGUAGE_UNKNOWN: "soon",
    LANGUAGE_UNSUPPORTED: "soon",
    TRUNCATED: "soon",
    UNDECODABLE: "soon",
    MODEL_UNAVAILABLE: "urgent",
    // The scores that are there are those of a model that was good enough alone before there was a second.
    SECOND_LOOK_SKIPPED: "soon",
  }),
  lowConfidence: Object.freeze({ immediate: 0.15, urgentOrGraver: 0.25 }),
  secondLook: DEFAULT_SECOND_LOOK,
});

function halfForEach<Label extends string>(labels: readonly Label[]): Readonly<Record<Label, number>> {
  return Object.freeze(Object.fromEntries(labels.map((label) => [label, 0.5])) as Record<Label, number>);
}
