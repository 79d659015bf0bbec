/** One number a line; any typed array or list will do. */
export type Column = ArrayLike<number>;

/** A point of a precision-recall curve. */
export interface CurvePoint {
  /** Lines with at least this score count as found. */
  readonly threshold: number;
  readonly recall: number;
  readonly precision: number;
}

/** Places of the lines by rising score. Sorting once serves every resample. */
export function orderByScore(scores: Column): Uint32Array {
  return Uint32Array.from({ length: scores.length }, (_, index) => index).sort(
    (left, right) => scores[left] - scores[right],
  );
}

/**
 * Area under the receiver operating characteristic: how probable it is that a positive line scores higher than a negative
 * one, ties counting half (Hanley and McNeil 1982).
 *
 * @param scores finite numbers
 * @param positive 1 for a positive line, 0 for a negative one
 * @param order as from `orderByScore`
 * @param counts how often each line counts
 * @returns not a number without both kinds of lines
 */
export function areaUnderCurve(scores: Column, positive: Column, order: Uint32Array, counts: Column): number {
  let area = 0;
  let negativesBelow = 0;
  let positives = 0;
  for (let first = 0; first < order.length; ) {
    const score = scores[order[first]];
    let tiedPositives = 0;
    let tiedNegatives = 0;
    for (; first < order.length && scores[order[first]] === score; first += 1) {
      const line = order[first];
      if (positive[line]) tiedPositives += counts[line];
      else tiedNegatives += counts[line];
    }
    area += tiedPositives * (negativesBelow + tiedNegatives / 2);
    negativesBelow += tiedNegatives;
    positives += tiedPositives;
  }
  return area / (positives * negativesBelow);
}

/**
 * Share of positive lines that score above the quantile of the negative ones which leaves the given share of those above
 * it (interpolated linearly, as the figures of the model card are).
 *
 * @param share of negative lines, in (0, 1)
 * @returns not a number without both kinds of lines
 */
export function recallAtFalseAlarms(
  scores: Column,
  positive: Column,
  order: Uint32Array,
  counts: Column,
  share: number,
): number {
  let negatives = 0;
  let positives = 0;
  for (const line of order) {
    if (positive[line]) positives += counts[line];
    else negatives += counts[line];
  }
  if (negatives === 0 || positives === 0) return Number.NaN;
  const place = (negatives - 1) * (1 - share);
  const limit = interpolate(
    scoreOfNegative(scores, positive, order, counts, Math.floor(place)),
    scoreOfNegative(scores, positive, order, counts, Math.min(Math.floor(place) + 1, negatives - 1)),
    place - Math.floor(place),
  );
  let found = 0;
  for (let index = order.length - 1; index >= 0 && scores[order[index]] > limit; index -= 1)
    if (positive[order[index]]) found += counts[order[index]];
  return found / positives;
}

/** Score of the negative line at a place, from 0, when all are sorted by rising score. */
function scoreOfNegative(scores: Column, positive: Column, order: Uint32Array, counts: Column, place: number): number {
  let passed = 0;
  for (const line of order) {
    if (positive[line]) continue;
    passed += counts[line];
    if (passed > place) return scores[line];
  }
  return Number.NaN;
}

// From the nearer end, as numpy does, so that equal ends give exactly their value and the same lines the same figure.
function interpolate(low: number, high: number, share: number): number {
  return share < 0.5 ? low + (high - low) * share : high - (high - low) * (1 - share);
}

/**
 * Precision and recall at every score that occurs, from the highest down; empty without positive lines.
 *
 * @param mostPoints of more, evenly spread ones are kept, the last among them
 */
export function precisionRecallCurve(scores: Column, positive: Column, mostPoints = 200): readonly CurvePoint[] {
  const order = orderByScore(scores).reverse();
  let positives = 0;
  for (const line of order) positives += positive[line] ? 1 : 0;
  const points: CurvePoint[] = [];
  let found = 0;
  for (const [index, line] of order.entries()) {
    found += positive[line] ? 1 : 0;
    const next = order[index + 1];
    if (next === undefined || scores[next] !== scores[line])
      points.push({ threshold: scores[line], recall: found / positives, precision: found / (index + 1) });
  }
  if (positives === 0) return [];
  const step = Math.max(1, points.length / mostPoints);
  return points.filter(
    (_, index) => index === points.length - 1 || Math.floor(index / step) !== Math.floor((index - 1) / step),
  );
}
