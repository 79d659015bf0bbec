export { type Budget, type CountedBudget, createBudget } from "./budget.js";
export type { PersonKey } from "./contributions.js";
export { renderStatisticsCsv } from "./csv.js";
export { DIMENSIONS, type Dimension, type StatisticsRecord } from "./domain.js";
export type { StatisticsPlan } from "./plan.js";
export type { Release, ReleasedCell, ReleasedTable } from "./release.js";
export { createStatistics, type Statistics, type StatisticsOptions } from "./statistics.js";
