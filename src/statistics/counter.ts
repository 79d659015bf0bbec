import { createContributionBound } from "./contributions.js";
import { checkRecord, type StatisticsRecord } from "./domain.js";
import type { CheckedPlan } from "./plan.js";

/** Exact counts, which nobody but the code that adds noise may see. */
export interface Counter {
  /** For each table a count for each cell. */
  readonly counts: ReadonlyArray<Float64Array>;
  /** Counts a record, unless its person has contributed enough. @throws EarshotError `FIELD_INVALID` */
  count(record: StatisticsRecord): void;
  /** Forgets counts and people. */
  reset(): void;
}

/** Counts records in all tables of a plan. */
export function createCounter({ contributions, tables }: CheckedPlan): Counter {
  const bound = createContributionBound(contributions);
  const counts = tables.map(({ cells }) => new Float64Array(cells.length));
  return {
    counts,
    count(record) {
      checkRecord(record);
      // Once for all tables, so that the bound holds for all of them together.
      if (!bound.admit(record.person)) return;
      for (const [table, { cellsOf }] of tables.entries()) for (const cell of cellsOf(record)) counts[table][cell] += 1;
    },
    reset() {
      bound.reset();
      for (const cells of counts) cells.fill(0);
    },
  };
}
