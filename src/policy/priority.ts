import { URGENCIES, type Urgency } from "../labels.js";
import { rankOf } from "./levels.js";
import type { UrgencyThresholds } from "./schema.js";

/** Probabilities in [0, 1] that the level is this one or a graver one. */
export interface CumulativeRisk {
  readonly immediate: number;
  readonly urgent: number;
  readonly soon: number;
}

/** Every level as likely as any other: what is assumed for the order when nothing is known. */
export const UNKNOWN_RISK: CumulativeRisk = Object.freeze({ immediate: 0.25, urgent: 0.5, soon: 0.75 });

// A choice, not a finding: all that matters for safety is that each is positive and the gravest weighs most.
const WEIGHTS: CumulativeRisk = Object.freeze({ immediate: 0.6, urgent: 0.3, soon: 0.1 });

const BAND_WIDTH = 1 / URGENCIES.length;
// Keeps the top of a band below the bottom of the next one, whatever the rounding.
const BAND_FILL = 0.999;

/** Adds up calibrated probabilities from the gravest level down; undefined when one of them is no number. */
export function cumulativeRisk(urgency: Readonly<Record<Urgency, number>>): CumulativeRisk | undefined {
  if (!URGENCIES.every((level) => Number.isFinite(urgency[level]))) return undefined;
  const immediate = clamp(urgency.immediate);
  const urgent = clamp(immediate + clamp(urgency.urgent));
  const soon = clamp(urgent + clamp(urgency.soon));
  return { immediate, urgent, soon };
}

/** The gravest level whose threshold is reached; see `UrgencyThresholds`. */
export function levelOf(risk: CumulativeRisk, thresholds: UrgencyThresholds): Urgency {
  if (risk.immediate >= thresholds.immediate) return "immediate";
  if (risk.urgent >= thresholds.urgent) return "urgent";
  const routine = 1 - risk.soon;
  if (risk.immediate >= thresholds.doubt && risk.immediate >= thresholds.doubtRatio * routine) return "urgent";
  if (risk.soon >= thresholds.soon) return "soon";
  return "routine";
}

/**
 * The number that orders the queue: [0.75, 1] for `immediate`, [0.5, 0.75) for `urgent`, [0.25, 0.5) for `soon` and
 * [0, 0.25) for `routine`, and within each band strictly rising with the risk. So the order never contradicts the level.
 */
export function priorityOf(level: Urgency, risk: CumulativeRisk): number {
  const weighted = WEIGHTS.immediate * risk.immediate + WEIGHTS.urgent * risk.urgent + WEIGHTS.soon * risk.soon;
  const bottom = BAND_WIDTH * (URGENCIES.length - 1 - rankOf(level));
  return bottom + BAND_WIDTH * BAND_FILL * weighted;
}

function clamp(probability: number): number {
  return Math.min(Math.max(probability, 0), 1);
}
