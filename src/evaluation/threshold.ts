import { EarshotError } from "../errors.js";

/** Keeps a product such as 0.05 * 20 from falling under its whole number. */
const ROUNDING = 1e-9;

/**
 * The highest threshold with which a further message of the same kind is found with at least the given probability.
 *
 * Of `n` positive lines it misses one fewer than `(1 - sensitivity) * (n + 1)`, and none where that is no number of lines:
 * the split-conformal quantile (Vovk, Gammerman and Shafer 2005; Angelopoulos and Bates 2021), which keeps the promise on
 * average over messages that come as these did, whatever their distribution. The plain quantile would fall short of it.
 *
 * @param positives scores of the positive lines; `Infinity` where the line is found whatever the threshold, `-Infinity`
 *   where it never is
 * @param others finite scores of all other lines: the threshold is put midway to the next lower score
 * @throws EarshotError `TARGET_UNREACHABLE`
 */
export function thresholdForSensitivity(positives: Float64Array, others: Float64Array, sensitivity: number): number {
  const sorted = positives.toSorted();
  const score = sorted[allowed(1 - sensitivity, positives.length)];
  if (score === Number.POSITIVE_INFINITY) return 1;
  // A policy has no threshold of 0, which every message would reach.
  if (score <= 0) throw new EarshotError("TARGET_UNREACHABLE");
  const lower = greatest([sorted, others], (other) => other < score);
  return between(Math.max(lower, 0), score);
}

/**
 * The lowest threshold with which a further message that is not of the kind is taken for one with at most the given
 * probability; the counterpart of `thresholdForSensitivity`.
 *
 * @param negatives scores of the lines that are not of the kind, as there
 * @throws EarshotError `TARGET_UNREACHABLE`
 */
export function thresholdForFalseAlarms(negatives: Float64Array, others: Float64Array, falseAlarms: number): number {
  const sorted = negatives.toSorted().reverse();
  const score = sorted[allowed(falseAlarms, negatives.length)];
  if (score >= 1) throw new EarshotError("TARGET_UNREACHABLE");
  const higher = -greatest([sorted.map(negate), others.map(negate)], (other) => -other > score);
  return between(Math.max(score, 0), Math.min(higher, 1));
}

/** Lines that may be on the wrong side. */
function allowed(share: number, n: number): number {
  return Math.max(0, Math.floor(share * (n + 1) + ROUNDING) - 1);
}

function greatest(columns: readonly Float64Array[], isMeant: (score: number) => boolean): number {
  let found = Number.NEGATIVE_INFINITY;
  for (const column of columns) for (const score of column) if (score > found && isMeant(score)) found = score;
  return found;
}

function negate(score: number): number {
  return -score;
}

/** The number with the fewest decimal places near the middle of `low` (not included) and `high`, which a person can read. */
function between(low: number, high: number): number {
  const middle = (low + high) / 2;
  for (let places = 2; places <= 20; places += 1) {
    const rounded = Number(middle.toFixed(places));
    if (rounded > low && rounded <= high) return rounded;
  }
  return high;
}
