import { EarshotError } from "../errors.js";
import { bootstrap, type Estimate } from "../evaluation/intervals.js";

const SAMPLING = { seed: 1, resamples: 2000 } as const;

/**
 * How the median of one build relates to that of another, from medians of rounds that they ran in turn. The interval is
 * from drawing pairs of rounds again: what slows the machine down slows both of a pair.
 *
 * @param medians of the rounds of the build in question
 * @param baseline of the same rounds, of the other build
 * @throws EarshotError `DATA_TOO_FEW` when there is no round
 */
export function ratioOfMedians(medians: readonly number[], baseline: readonly number[]): Estimate {
  const [ratio] = bootstrap(
    medians.length,
    (counts) => [weightedMedian(medians, counts) / weightedMedian(baseline, counts)],
    SAMPLING,
  );
  if (ratio === undefined) throw new EarshotError("DATA_TOO_FEW", { rounds: medians.length, needed: 1 });
  return ratio;
}

/** The median when each value counts so many times. */
function weightedMedian(values: readonly number[], counts: ArrayLike<number>): number {
  const order = [...values.keys()].sort((a, b) => values[a] - values[b]);
  const half = Array.from(counts).reduce((sum, count) => sum + count, 0) / 2;
  let passed = 0;
  for (const index of order) {
    passed += counts[index];
    if (passed >= half) return values[index];
  }
  return Number.NaN;
}
