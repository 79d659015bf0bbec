import { type Budget, createBudget } from "./budget.js";
import { createCounter } from "./counter.js";
import { drawDiscreteLaplace } from "./discrete-laplace.js";
import type { StatisticsRecord } from "./domain.js";
import { checkPlan, type StatisticsPlan } from "./plan.js";
import { createSecureBytes } from "./random-integers.js";
import { createRelease, type Release } from "./release.js";

/** What is to be published, and what pays for it. */
export interface StatisticsOptions extends StatisticsPlan {
  /** Enough for one release if left out. */
  readonly budget?: Budget;
}

/** Counts contacts for publication so that nobody can tell whether a certain person was among them. */
export interface Statistics {
  /**
   * Counts a record, unless its person has been counted often enough; it does not say which, for nobody should know.
   *
   * @throws EarshotError `FIELD_INVALID`; nothing was then counted
   */
  count(record: StatisticsRecord): void;
  /**
   * Pays, gives the counts with noise, and forgets records and people: the next release is about those that follow.
   *
   * @throws EarshotError `BUDGET_SPENT`, or what else the budget throws; nothing is then given nor forgotten
   */
  release(): Release;
}

/**
 * Prepares counts with differential privacy (Dwork, McSherry, Nissim and Smith, TCC 2006, doi:10.1007/11681878_14): pure,
 * by person, added or removed with all their records. The exact counts stay in memory and cannot be asked for.
 *
 * @throws EarshotError `STATISTICS_INVALID`
 */
export function createStatistics(options: StatisticsOptions): Statistics {
  const plan = checkPlan(options);
  const budget = options.budget ?? createBudget(plan.epsilon);
  const counter = createCounter(plan);
  const nextByte = createSecureBytes();
  return {
    count: counter.count,
    release() {
      budget.spend(plan.epsilon);
      const release = createRelease(plan, counter.counts, () => drawDiscreteLaplace(plan.scale, nextByte));
      counter.reset();
      return release;
    },
  };
}
