/** How a set of measured times lies; in the unit of what was measured. */
export interface Summary {
  readonly n: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

/** Shares at which a curve of times is kept: every hundredth, and closer near the end, where the slow ones are. */
export const CURVE_SHARES: readonly number[] = [
  ...Array.from({ length: 100 }, (_, index) => index / 100),
  0.995,
  0.999,
  1,
];

/** Sums times up. Not a number where there are none. */
export function summarize(times: ArrayLike<number>): Summary {
  const sorted = Float64Array.from(times).sort();
  const total = sorted.reduce((sum, time) => sum + time, 0);
  return {
    n: sorted.length,
    mean: total / sorted.length,
    p50: quantile(sorted, 0.5),
    p90: quantile(sorted, 0.9),
    p99: quantile(sorted, 0.99),
  };
}

/** The times at `CURVE_SHARES`. */
export function curveOf(times: ArrayLike<number>): readonly number[] {
  const sorted = Float64Array.from(times).sort();
  return CURVE_SHARES.map((share) => quantile(sorted, share));
}

/** The smallest of sorted numbers that at least this share of them does not exceed: a time that really was measured. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** The middle one of some numbers. */
export function median(values: readonly number[]): number {
  return quantile(Float64Array.from(values).sort(), 0.5);
}

/** How far the rounds of a measurement lie apart: the highest median of a round less the lowest, by the middle one. */
export function spreadOf(roundMedians: readonly number[]): number {
  return (Math.max(...roundMedians) - Math.min(...roundMedians)) / median(roundMedians);
}
