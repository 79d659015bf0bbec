/** How long people of one kind waited in one run, in minutes. */
export interface WaitFigures {
  readonly people: number;
  readonly mean: number;
  readonly median: number;
  /** 95 in 100 waited no longer. */
  readonly p95: number;
  /** Share who were answered within the target. */
  readonly withinTarget: number;
  readonly longest: number;
}

/** A figure over several runs. */
export interface Estimate {
  /** Mean of the runs. */
  readonly value: number;
  /** Ends of the 95% interval of that mean. */
  readonly low: number;
  readonly high: number;
}

const PERCENT = 100;

/** Describes waits, of which there is at least one. */
export function describeWaits(waits: readonly number[], targetMinutes: number): WaitFigures {
  const sorted = Float64Array.from(waits).sort();
  return {
    people: sorted.length,
    mean: meanOf(sorted),
    median: percentileOf(sorted, 50),
    p95: percentileOf(sorted, 95),
    withinTarget: sorted.filter((wait) => wait <= targetMinutes).length / sorted.length,
    longest: sorted[sorted.length - 1],
  };
}

/** The smallest value that so many percent do not exceed (nearest rank). */
export function percentileOf(sorted: ArrayLike<number>, percent: number): number {
  return sorted[Math.max(Math.ceil((percent / PERCENT) * sorted.length), 1) - 1];
}

/**
 * The mean of independent runs with its 95% interval by Student's t, cut to what is possible.
 *
 * @param values two or more
 */
export function estimate(values: readonly number[], lowest = 0, highest: number = Number.POSITIVE_INFINITY): Estimate {
  const value = meanOf(values);
  const variance = values.reduce((sum, one) => sum + (one - value) ** 2, 0) / (values.length - 1);
  const margin = studentQuantile(values.length - 1) * Math.sqrt(variance / values.length);
  return { value, low: Math.max(value - margin, lowest), high: Math.min(value + margin, highest) };
}

/**
 * The 97.5% point of Student's t: the first terms of its expansion around the normal one, Abramowitz and Stegun 1964,
 * 26.7.5. From 4 degrees of freedom on it is right to within 0.3%; below it is too small.
 */
export function studentQuantile(degrees: number): number {
  const x = 1.959964;
  return (
    x +
    (x ** 3 + x) / (4 * degrees) +
    (5 * x ** 5 + 16 * x ** 3 + 3 * x) / (96 * degrees ** 2) +
    (3 * x ** 7 + 19 * x ** 5 + 17 * x ** 3 - 15 * x) / (384 * degrees ** 3)
  );
}

function meanOf(values: Float64Array | readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
