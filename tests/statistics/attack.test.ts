import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StatisticsRecord } from "../../src/statistics/domain.js";
import type { StatisticsPlan } from "../../src/statistics/plan.js";
import { createStatistics } from "../../src/statistics/statistics.js";
import { layOpen, type Mechanism, type Opening, worstLogRatio } from "./attack.js";
import { anyPlan, anyRecordOf } from "./support.js";

const ROUNDING = 1e-9;
/** A person who wrote ten times, each time of two things. */
const WRITES_MUCH: readonly StatisticsRecord[] = Array.from({ length: 10 }, () => ({
  person: 1,
  urgency: "immediate",
  categories: ["suicide", "bullying"],
  age: 14,
  hour: 3,
}));
const OTHERS: readonly StatisticsRecord[] = [
  { person: 2, urgency: "soon", categories: ["education"], hour: 3 },
  { person: 3, urgency: "immediate", categories: [], age: 9 },
];
const PLAN: StatisticsPlan = {
  epsilon: 1,
  contributions: 3,
  categories: 2,
  tables: [["level"], ["category", "hour"], ["age"], []],
  minimum: 5,
};

const keepWhere = (keep: readonly boolean[], mechanism: Mechanism): Mechanism => ({
  ...mechanism,
  frame: mechanism.frame + keep.join(),
  exact: mechanism.exact.filter((_, cell) => keep[cell]),
  publish: (noise) => {
    const kept = noise.values();
    return mechanism
      .publish(keep.map((isKept) => (isKept ? (kept.next().value ?? 0n) : 0n)))
      .filter((_, cell) => keep[cell]);
  },
});

/** Ways to get it wrong, each done to the mechanism as it is. */
const MUTANTS: ReadonlyArray<readonly [string, Opening]> = [
  [
    "noise as if a person changed one table only",
    (plan, records) => ({ ...layOpen(plan, records), scale: { numerator: 3000n, denominator: 1000n } }),
  ],
  [
    "noise as if a record had one category",
    (plan, records) => ({ ...layOpen(plan, records), scale: layOpen({ ...plan, categories: 1 }, []).scale }),
  ],
  [
    "noise for one record of a person",
    (plan, records) => ({ ...layOpen(plan, records), scale: layOpen({ ...plan, contributions: 1 }, []).scale }),
  ],
  [
    "no bound on contributions",
    (plan, records) =>
      layOpen(
        plan,
        records.map((record, index) => ({ ...record, person: index })),
      ),
  ],
  [
    "cells only for what occurs",
    (plan, records) => {
      const mechanism = layOpen(plan, records);
      return keepWhere(
        mechanism.exact.map((count) => count > 0),
        mechanism,
      );
    },
  ],
  [
    "small cells hidden before the noise",
    (plan, records) => {
      const mechanism = layOpen(plan, records);
      const { exact, publish } = mechanism;
      return {
        ...mechanism,
        publish: (noise) => publish(noise).map((count, cell) => (exact[cell] < 2 ? null : count)),
      };
    },
  ],
  [
    "the number of records beside the counts",
    (plan, records) => ({ ...layOpen(plan, records), frame: String(records.length) }),
  ],
  [
    "noise that depends on the counts",
    (plan, records) => ({
      ...layOpen(plan, records),
      scale: { numerator: BigInt(1000 * (50 + records.length)), denominator: 1000n },
    }),
  ],
];

describe("two inputs that differ in one person", () => {
  it("differ by no more than epsilon in any result, for every plan and everybody", () => {
    const records = (person: number, maxLength: number): fc.Arbitrary<StatisticsRecord[]> =>
      fc.array(anyRecordOf(person), { maxLength });
    fc.assert(
      fc.property(
        anyPlan,
        records(1, 7),
        records(2, 4),
        records(3, 4),
        fc.infiniteStream(fc.boolean()),
        (plan, ...args) => {
          const [person, second, third, coins] = args;
          const others = [...second, ...third];
          // The records of the person come anywhere among those of the others.
          const [own, theirs] = [[...person], [...others]];
          const all: StatisticsRecord[] = [];
          while (own.length > 0 || theirs.length > 0) {
            const next = coins.next().value ? (own.shift() ?? theirs.shift()) : (theirs.shift() ?? own.shift());
            if (next !== undefined) all.push(next);
          }
          expect(worstLogRatio(layOpen(plan, all), layOpen(plan, others))).toBeLessThanOrEqual(plan.epsilon + ROUNDING);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each([
    ["several tables and categories", PLAN],
    ["no minimum", { ...PLAN, minimum: 0 }],
    ["one table", { epsilon: 0.1, contributions: 1, tables: [["level"]] }],
    ["a large epsilon", { ...PLAN, epsilon: 10 }],
  ] satisfies ReadonlyArray<readonly [string, StatisticsPlan]>)(
    "differ by as much as epsilon for one who writes much: %s",
    (_, plan) => {
      // Otherwise there would be more noise than the guarantee needs, or the attack would measure nothing.
      const worst = worstLogRatio(layOpen(plan, [...OTHERS, ...WRITES_MUCH]), layOpen(plan, OTHERS));
      expect(Math.abs(worst - plan.epsilon)).toBeLessThan(plan.epsilon * 1e-3);
    },
  );

  it.each(MUTANTS)("are found to differ by more with %s", (_, mutant) => {
    const worst = worstLogRatio(mutant(PLAN, [...OTHERS, ...WRITES_MUCH]), mutant(PLAN, OTHERS));
    expect(worst).toBeGreaterThan(PLAN.epsilon * 1.05);
  });
});

/** In a billion runs of these tests, one false alarm on either side. */
const DEVIATIONS = 6;
const RUNS = 8000;

/** Estimates the logarithm of how much likelier an attacker's best question is answered yes for one input, and its error. */
function ask(plan: StatisticsPlan, records: readonly StatisticsRecord[]): { value: number; error: number } {
  const target = layOpen({ ...plan, minimum: 0 }, WRITES_MUCH).exact;
  const share = (input: readonly StatisticsRecord[]): number => {
    let yes = 0;
    for (let run = 0; run < RUNS; run += 1) {
      const statistics = createStatistics({ ...plan, minimum: 0 });
      for (const record of input) statistics.count(record);
      const counts = statistics.release().tables.flatMap(({ cells }) => cells.map(({ count }) => count ?? 0));
      if (counts.every((count, cell) => target[cell] === 0 || count >= target[cell])) yes += 1;
    }
    return yes / RUNS;
  };
  const [present, absent] = [share(records), share([])];
  const error = Math.sqrt((1 - present) / (RUNS * present) + (1 - absent) / (RUNS * absent));
  return { value: Math.log(present / absent), error };
}

describe("an attacker who sees many releases", () => {
  const plan: StatisticsPlan = { epsilon: 1, contributions: 3, categories: 2, tables: [["level"], ["category"]] };

  it("learns no more than epsilon of one who wrote ten times, and no less than the attack can show", () => {
    const { value, error } = ask(plan, WRITES_MUCH);
    expect(value - DEVIATIONS * error).toBeLessThanOrEqual(plan.epsilon);
    expect(value + DEVIATIONS * error).toBeGreaterThanOrEqual(plan.epsilon);
    expect(DEVIATIONS * error).toBeLessThan(0.4);
  });

  it.each([
    ["contributions are not bound", plan, WRITES_MUCH.map((record, index) => ({ ...record, person: index }))],
    ["the noise is for one table and category", { ...plan, epsilon: 3 }, WRITES_MUCH],
  ])("learns more when %s", (_, mutant, records) => {
    const { value, error } = ask(mutant, records);
    expect(value - DEVIATIONS * error).toBeGreaterThan(plan.epsilon);
  });
});
