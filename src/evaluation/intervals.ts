import { createRandom, drawCounts } from "./random.js";

/** A figure with what it rests on. */
export interface Estimate {
  readonly value: number;
  /** Lower end of the 95% interval. */
  readonly low: number;
  /** Upper end of the 95% interval. */
  readonly high: number;
  /** Lines that the figure is taken over: for a share, those in its denominator. */
  readonly n: number;
}

/** How resampling is done. */
export interface Sampling {
  /** The same seed and lines give the same intervals. */
  readonly seed: number;
  /** How many times the lines are drawn again. */
  readonly resamples: number;
}

/** What is used where nothing is said. */
export const DEFAULT_SAMPLING: Sampling = Object.freeze({ seed: 1, resamples: 400 });

/** 97.5% quantile of the normal distribution. */
const Z = 1.959963984540054;

/**
 * A share with its score interval (Wilson 1927; recommended over the usual one by Agresti and Coull 1998): right also for
 * few lines and for shares of 0 and 1, where resampling would give an interval without width.
 *
 * @returns undefined when there are no lines
 */
export function proportion(hits: number, n: number): Estimate | undefined {
  if (n === 0) return undefined;
  const value = hits / n;
  const spread = Z * Z;
  const centre = (hits + spread / 2) / (n + spread);
  const half = (Z / (n + spread)) * Math.sqrt((hits * (n - hits)) / n + spread / 4);
  return {
    value,
    low: Math.min(Math.max(centre - half, 0), value),
    high: Math.max(Math.min(centre + half, 1), value),
    n,
  };
}

/**
 * Several figures of the same lines, each with a percentile interval from resampling the lines (Efron 1979). The interval
 * is widened to hold the figure itself, which that of a biased figure, such as a calibration error, may not.
 *
 * @param n lines
 * @param compute the figures, in a fixed order, when line `i` counts `counts[i]` times; not a number where there is none
 * @returns per figure its estimate, undefined where the lines themselves give none
 */
export function bootstrap(
  n: number,
  compute: (counts: Uint32Array) => readonly number[],
  sampling: Sampling,
): ReadonlyArray<Estimate | undefined> {
  const counts = new Uint32Array(n).fill(1);
  const values = compute(counts);
  const samples = values.map(() => new Float64Array(sampling.resamples).fill(Number.NaN));
  const random = createRandom(sampling.seed);
  for (let sample = 0; sample < sampling.resamples; sample += 1) {
    drawCounts(counts, random);
    const drawn = compute(counts);
    for (let figure = 0; figure < drawn.length; figure += 1) samples[figure][sample] = drawn[figure];
  }
  return values.map((value, figure) => {
    if (!Number.isFinite(value)) return undefined;
    const known = samples[figure].filter(Number.isFinite).sort();
    const [low, high] = known.length === 0 ? [value, value] : [quantile(known, 0.025), quantile(known, 0.975)];
    return { value, low: Math.min(low, value), high: Math.max(high, value), n };
  });
}

/** Linear interpolation between the two nearest of sorted numbers, as `numpy.quantile` does. */
function quantile(sorted: Float64Array, share: number): number {
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
