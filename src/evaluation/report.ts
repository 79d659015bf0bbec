import type { Urgency } from "../labels.js";
import type { ConfusionMatrix } from "./agreement.js";
import type { Figures, LabelFigures } from "./figures.js";
import type { Sampling } from "./intervals.js";
import type { CurvePoint } from "./ranking.js";
import type { ReliabilityBin } from "./reliability.js";

/** Groups with fewer lines are named without figures: these would say more about chance than about the group. */
export const FEWEST_GROUP_LINES = 20;

/** What was measured on the lines of one language or slice. */
export interface GroupReport {
  readonly id: string;
  readonly lines: number;
  /** Present when the group has fewer lines than `FEWEST_GROUP_LINES`. */
  readonly tooFew?: true;
  readonly figures?: Figures;
}

/** Plots of one probability: of the level `immediate`, or of `urgent` or a graver one. */
export interface ScoreCurves {
  readonly reliability: readonly ReliabilityBin[];
  readonly precisionRecall: readonly CurvePoint[];
}

/** All that was measured: numbers, ids of labels, languages and slices, and no word of any message. */
export interface EvaluationReport {
  readonly schemaVersion: 1;
  /** Lines that were measured. */
  readonly lines: number;
  /** Lines that could not be read; only where a command read them. */
  readonly rejected?: number;
  /** Lines with labels of each kind, and lines for which there were no scores. */
  readonly labelled: { readonly urgency: number; readonly categories: number; readonly signals: number };
  readonly withoutScores: number;
  /** `name@version` of the pack and the policy, where the assessments say it. */
  readonly pack?: string;
  readonly policy?: string;
  readonly sampling: Sampling;
  /** Lines by true level. */
  readonly levels?: Readonly<Record<Urgency, number>>;
  readonly figures: Figures;
  /** Rows: true level, columns: given level, each from the gravest. */
  readonly confusion?: ConfusionMatrix;
  readonly categories?: readonly LabelFigures[];
  readonly signals?: readonly LabelFigures[];
  readonly curves?: { readonly immediate: ScoreCurves; readonly urgentOrAbove: ScoreCurves };
  readonly languages: readonly GroupReport[];
  readonly slices: readonly GroupReport[];
}

/** How intervals are made, in a sentence for those who read a report. */
export const INTERVAL_NOTE =
  "Intervals are 95%: Wilson's score interval for shares (recall, precision, overlooked, false alarms, accuracy), and for all other figures the percentile interval of resampled lines.";
