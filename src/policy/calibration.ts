import type { Urgency } from "../labels.js";
import { cumulativeRisk } from "./priority.js";
import type { LogitMap, UrgencyCalibration } from "./schema.js";

/** Keeps logits finite; no probability nearer to 0 or 1 than this means anything. */
const NEAREST = 1e-9;

/** The logarithm of the odds of a probability in [0, 1]; finite also at its ends. */
export function logitOf(probability: number): number {
  const inside = Math.min(Math.max(probability, NEAREST), 1 - NEAREST);
  return Math.log(inside / (1 - inside));
}

/** The probability that a map makes of another one, both in [0, 1]; strictly rising. Without a map it stays. */
export function mapProbability(probability: number, map: LogitMap | undefined): number {
  if (map === undefined) return probability;
  return 1 / (1 + Math.exp(-(map.slope * logitOf(probability) + map.offset)));
}

/**
 * Corrects the probabilities of the levels by maps of the cumulative ones ("this level or a graver one"), as an operator
 * found them on messages of their own. Where the maps would make a graver level likelier than "this or graver", the
 * latter is raised. Probabilities that are no numbers stay as they are.
 *
 * @returns probabilities that sum to 1
 */
export function calibrateUrgency(
  urgency: Readonly<Record<Urgency, number>>,
  calibration: UrgencyCalibration,
): Readonly<Record<Urgency, number>> {
  const risk = cumulativeRisk(urgency);
  if (risk === undefined) return urgency;
  const immediate = mapProbability(risk.immediate, calibration.immediate);
  const urgent = Math.max(immediate, mapProbability(risk.urgent, calibration.urgent));
  const soon = Math.max(urgent, mapProbability(risk.soon, calibration.soon));
  return { immediate, urgent: urgent - immediate, soon: soon - urgent, routine: 1 - soon };
}
