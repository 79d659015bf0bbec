import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { CATEGORIES, URGENCIES } from "../../src/labels.js";
import type { Scale } from "../../src/statistics/discrete-laplace.js";
import { DIMENSIONS, type StatisticsRecord } from "../../src/statistics/domain.js";
import type { StatisticsPlan } from "../../src/statistics/plan.js";
import type { NextByte } from "../../src/statistics/random-integers.js";

/** Bytes that look random and are the same for the same seed. */
export function createSeededBytes(seed: string): NextByte {
  let block = Buffer.alloc(0);
  let blocks = 0;
  let used = 0;
  return () => {
    if (used === block.length) {
      block = createHash("sha256").update(`${seed}:${blocks}`).digest();
      blocks += 1;
      used = 0;
    }
    used += 1;
    return block[used - 1];
  };
}

const ratioOf = ({ numerator, denominator }: Scale): number => Math.exp(-Number(denominator) / Number(numerator));

/** Probability of a value under the discrete Laplace distribution, from its definition. */
export function probabilityOf(value: number, scale: Scale): number {
  const q = ratioOf(scale);
  return (q ** Math.abs(value) * (1 - q)) / (1 + q);
}

/** Probability of a value or a greater one. */
export function probabilityFrom(value: number, scale: Scale): number {
  const q = ratioOf(scale);
  return value >= 0 ? q ** value / (1 + q) : 1 - q ** (1 - value) / (1 + q);
}

/**
 * Probability that chi-square exceeds a value. For even degrees of freedom it is a finite sum (Abramowitz and Stegun,
 * 26.4.21).
 */
export function chiSquareTail(value: number, degrees: number): number {
  if (degrees % 2 !== 0) throw new RangeError("Even degrees of freedom only.");
  let term = Math.exp(-value / 2);
  let sum = term;
  for (let index = 1; index < degrees / 2; index += 1) {
    term *= value / 2 / index;
    sum += term;
  }
  return sum;
}

/** How likely draws at least as far from the distribution are: values beyond `edge` are put together on either side. */
export function fitOfDraws(draw: () => number, scale: Scale, edge: number, draws: number): number {
  const observed = new Float64Array(2 * edge + 1);
  for (let index = 0; index < draws; index += 1) observed[Math.max(-edge, Math.min(edge, draw())) + edge] += 1;
  let statistic = 0;
  for (let value = -edge; value <= edge; value += 1) {
    const share = Math.abs(value) === edge ? probabilityFrom(edge, scale) : probabilityOf(value, scale);
    statistic += (observed[value + edge] - draws * share) ** 2 / (draws * share);
  }
  return chiSquareTail(statistic, 2 * edge);
}

/** Any record of a person. */
export const anyRecordOf = (person: number): fc.Arbitrary<StatisticsRecord> =>
  fc
    .record({
      urgency: fc.constantFrom(...URGENCIES),
      categories: fc.shuffledSubarray([...CATEGORIES], { maxLength: 4 }),
      age: fc.option(fc.nat({ max: 120 }), { nil: undefined }),
      country: fc.option(fc.constantFrom("KE", "UG", "TZ"), { nil: undefined }),
      hour: fc.option(fc.nat({ max: 23 }), { nil: undefined }),
    })
    .map(({ urgency, categories, age, country, hour }) => ({
      person,
      urgency,
      categories,
      ...(age !== undefined && { age }),
      ...(country !== undefined && { country }),
      ...(hour !== undefined && { hour }),
    }));

/** Any plan with tables of up to two dimensions. */
export const anyPlan: fc.Arbitrary<StatisticsPlan> = fc.record({
  epsilon: fc.integer({ min: 1, max: 10_000 }).map((thousandths) => thousandths / 1000),
  contributions: fc.integer({ min: 1, max: 4 }),
  categories: fc.integer({ min: 1, max: 4 }),
  countries: fc.constant(["KE", "UG"]),
  minimum: fc.nat({ max: 12 }),
  tables: fc.uniqueArray(fc.subarray([...DIMENSIONS], { maxLength: 2 }), {
    minLength: 1,
    maxLength: 3,
    selector: (dimensions) => dimensions.join(),
  }),
});
