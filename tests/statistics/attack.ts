import { createCounter } from "../../src/statistics/counter.js";
import type { Scale } from "../../src/statistics/discrete-laplace.js";
import type { StatisticsRecord } from "../../src/statistics/domain.js";
import { checkPlan, type StatisticsPlan } from "../../src/statistics/plan.js";
import { createRelease, type Release } from "../../src/statistics/release.js";
import { probabilityFrom, probabilityOf } from "./support.js";

/** A way from records to what is published, laid open. */
export interface Mechanism {
  /** Everything published but the counts: whatever of it depends on records is seen without any noise. */
  readonly frame: string;
  /** Before noise, in the order of the published cells. */
  readonly exact: readonly number[];
  /** From which on counts are shown. */
  readonly minimum: number;
  /** Of the noise that is really drawn. */
  readonly scale: Scale;
  /** What is published of each cell for given noise in each cell. */
  readonly publish: (noise: readonly bigint[]) => ReadonlyArray<number | null>;
}

const countsOf = (release: Release): Array<number | null> =>
  release.tables.flatMap(({ cells }) => cells.map(({ count }) => count));

/** The mechanism as it is, made of the very parts of `createStatistics`. */
export function layOpen(options: StatisticsPlan, records: readonly StatisticsRecord[]): Mechanism {
  const plan = checkPlan(options);
  const counter = createCounter(plan);
  for (const record of records) counter.count(record);
  const exact = counter.counts.flatMap((cells) => [...cells]);
  const release = createRelease(plan, counter.counts, () => 0n);
  return {
    frame: JSON.stringify(release, (key, value) => (key === "count" ? undefined : value)),
    exact,
    minimum: plan.minimum,
    scale: plan.scale,
    publish: (noise) => {
      let cell = 0;
      return countsOf(createRelease(plan, counter.counts, () => noise[cell++]));
    },
  };
}

/** Makes a mechanism of a plan and records; a mutant is another one than `layOpen`. */
export type Opening = typeof layOpen;

/**
 * The greatest logarithm of how much likelier one of two inputs makes any published result, over ALL results; exact but for
 * the rounding of logarithms. Noise is independent in each cell, so that the worst result is the worst one in every cell,
 * and the logarithms add up. Within a cell the ratio no longer changes below 0 and beyond both exact counts and the
 * minimum, where values are therefore taken together.
 */
export function worstLogRatio(left: Mechanism, right: Mechanism): number {
  if (
    left.frame !== right.frame ||
    left.scale.numerator * right.scale.denominator !== right.scale.numerator * left.scale.denominator
  )
    return Number.POSITIVE_INFINITY;
  const [lowest, highest] = [-1, Math.max(...left.exact, ...right.exact, left.minimum) + 1];
  const distributions = [left, right].map((mechanism) => distributionOf(mechanism, lowest, highest));
  const [forwards, backwards] = [distributions, distributions.toReversed()].map(([of, over]) =>
    of.reduce((sum, cell, index) => sum + worstInCell(cell, over[index]), 0),
  );
  return Math.max(forwards, backwards);
}

type Distribution = Map<number | null, number>;

function distributionOf({ exact, scale, publish }: Mechanism, lowest: number, highest: number): Distribution[] {
  const distributions = exact.map((): Distribution => new Map());
  for (let value = lowest; value <= highest; value += 1) {
    const published = publish(exact.map((count) => BigInt(value - count)));
    for (const [cell, distribution] of distributions.entries()) {
      const noise = value - exact[cell];
      let probability = probabilityOf(noise, scale);
      // The noise is symmetric.
      if (value === lowest) probability = probabilityFrom(-noise, scale);
      if (value === highest) probability = probabilityFrom(noise, scale);
      distribution.set(published[cell], (distribution.get(published[cell]) ?? 0) + probability);
    }
  }
  return distributions;
}

function worstInCell(of: Distribution, over: Distribution): number {
  return Math.max(...[...of].map(([value, probability]) => Math.log(probability / (over.get(value) ?? 0))));
}
