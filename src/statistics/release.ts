import type { Dimension } from "./domain.js";
import type { CheckedPlan } from "./plan.js";

/** What must be said wherever the figures go. */
export const RELEASE_NOTES: readonly string[] = [
  "Every count has random noise of its own: tables do not add up to one another, nor parts to a total.",
  "Counts below the minimum are not shown, judged after the noise was added; a negative one counts as 0. What is hidden differs from release to release.",
  "The half width says how far the noise of a single cell goes in 95 of 100 cases. It says nothing about records that were left out because one person contributed more than counts, nor about wrong assessments.",
  "The guarantee: whether or not a person's records were among the input changes the probability of any result by a factor of at most exp(epsilon), all tables together. Losses of several releases about the same person add up. A person is whoever has the same key: if each conversation has a key of its own, so has the guarantee.",
];

/** One cell as published. */
export interface ReleasedCell {
  /** In the order of the table's dimensions. */
  readonly values: readonly string[];
  /** Null when it is below the minimum. */
  readonly count: number | null;
}

/** One table as published. */
export interface ReleasedTable {
  readonly dimensions: readonly Dimension[];
  /** This table's part of the loss. */
  readonly epsilon: number;
  /** The noise of each cell is within this in 95 of 100 cases. */
  readonly halfWidth95: number;
  readonly cells: readonly ReleasedCell[];
}

/** All that may leave the house. Nothing in it but the counts depends on a record. */
export interface Release {
  readonly schemaVersion: 1;
  readonly mechanism: "discrete Laplace";
  readonly adjacency: "one person's records added or removed";
  /** Loss of privacy of all tables together. */
  readonly epsilon: number;
  /** How many records of one person counted at most. */
  readonly contributions: number;
  /** How many categories of one record counted at most. */
  readonly categories: number;
  /** How much one person can change all counts together. */
  readonly sensitivity: number;
  readonly minimum: number;
  readonly tables: readonly ReleasedTable[];
  readonly notes: readonly string[];
}

/** Adds noise to exact counts, then cuts at 0 and at the minimum: what is done after the noise costs no privacy. */
export function createRelease(
  plan: CheckedPlan,
  counts: ReadonlyArray<ArrayLike<number>>,
  drawNoise: () => bigint,
): Release {
  const { epsilon, contributions, categories, sensitivity, minimum, halfWidth95 } = plan;
  return {
    schemaVersion: 1,
    mechanism: "discrete Laplace",
    adjacency: "one person's records added or removed",
    epsilon,
    contributions,
    categories,
    sensitivity,
    minimum,
    tables: plan.tables.map(({ dimensions, cells, cellsPerRecord }, table) => ({
      dimensions,
      epsilon: (epsilon * contributions * cellsPerRecord) / sensitivity,
      halfWidth95,
      cells: cells.map((values, cell) => {
        const noisy = Math.max(0, Number(BigInt(counts[table][cell]) + drawNoise()));
        return { values, count: noisy < minimum ? null : noisy };
      }),
    })),
    notes: RELEASE_NOTES,
  };
}

/** How a table is called: its dimensions joined by +, or `total`. */
export function tableName(dimensions: readonly Dimension[]): string {
  return dimensions.length === 0 ? "total" : dimensions.join("+");
}
