import { EarshotError } from "../errors.js";
import { epsilonInThousandths } from "./budget.js";
import { halfWidth, type Scale } from "./discrete-laplace.js";
import { type Axis, createAxis, DIMENSIONS, type Dimension, isCountry, type StatisticsRecord } from "./domain.js";

const MOST_CONTRIBUTIONS = 1000;
const MOST_CATEGORIES = 18;
const MOST_CELLS = 100_000;
const CONFIDENCE = 0.95;

/** What is to be published; all of it is fixed before the first record and itself no secret. */
export interface StatisticsPlan {
  /** Loss of privacy of one release, all its tables together: a multiple of 0.001 above 0, at most 10. */
  readonly epsilon: number;
  /** How many records of one person count in one release; 1 to 1000. */
  readonly contributions: number;
  /** Each table by its dimensions; one without any counts all records. */
  readonly tables: ReadonlyArray<readonly Dimension[]>;
  /** Countries of the tables, needed if one of them is by country; not to be chosen by looking at the records. */
  readonly countries?: readonly string[];
  /** How many Child Helpline International categories of one record count, strongest first; 1 if left out. */
  readonly categories?: number;
  /** Smaller values are not shown; the least that noise alone reaches in fewer than 1 of 40 empty cells if left out. */
  readonly minimum?: number;
}

/** A table with its cells. */
export interface TablePlan {
  readonly dimensions: readonly Dimension[];
  /** For each cell its value in each dimension. */
  readonly cells: ReadonlyArray<readonly string[]>;
  /** How many cells one record can change, each by 1. */
  readonly cellsPerRecord: number;
  /** The cells that a record changes: all different, at most `cellsPerRecord`. */
  readonly cellsOf: (record: StatisticsRecord) => readonly number[];
}

/** A checked plan with what follows from it. */
export interface CheckedPlan {
  readonly epsilon: number;
  readonly contributions: number;
  readonly categories: number;
  readonly minimum: number;
  readonly tables: readonly TablePlan[];
  /**
   * The sum over all cells of all tables of how much they can change when all records of one person are added or taken
   * away (the L1 sensitivity): contributions times the cells that one record changes.
   */
  readonly sensitivity: number;
  /** Of the noise in every cell: sensitivity / epsilon, exactly. */
  readonly scale: Scale;
  /** The noise of a cell is within this in 95 of 100 cases. */
  readonly halfWidth95: number;
}

/**
 * Checks a plan.
 *
 * @throws EarshotError `STATISTICS_INVALID`
 */
export function checkPlan(plan: StatisticsPlan): CheckedPlan {
  const { epsilon, contributions, categories = 1, countries = [] } = plan;
  const thousandths = epsilonInThousandths(epsilon);
  const isValid =
    isCount(contributions, 1, MOST_CONTRIBUTIONS) &&
    isCount(categories, 1, MOST_CATEGORIES) &&
    (plan.minimum === undefined || isCount(plan.minimum, 0, Number.MAX_SAFE_INTEGER)) &&
    isSet(countries) &&
    countries.every(isCountry) &&
    plan.tables.length > 0 &&
    isSet(plan.tables.map((dimensions) => [...dimensions].sort().join())) &&
    plan.tables.every((dimensions) => isSet(dimensions) && dimensions.every((name) => DIMENSIONS.includes(name))) &&
    (countries.length > 0 || !plan.tables.flat().includes("country"));
  if (!isValid) throw new EarshotError("STATISTICS_INVALID");
  let cells = 0;
  const tables = plan.tables.map((dimensions) => {
    const axes = dimensions.map((dimension) => createAxis(dimension, { countries, categories }));
    cells += axes.reduce((product, { values }) => product * values.length, 1);
    if (cells > MOST_CELLS) throw new EarshotError("STATISTICS_INVALID", { maximumCells: MOST_CELLS });
    return createTable(dimensions, axes);
  });
  const sensitivity = contributions * tables.reduce((sum, { cellsPerRecord }) => sum + cellsPerRecord, 0);
  const scale = { numerator: BigInt(sensitivity) * 1000n, denominator: BigInt(thousandths) };
  const halfWidth95 = halfWidth(scale, CONFIDENCE);
  const minimum = plan.minimum ?? halfWidth95 + 1;
  return { epsilon, contributions, categories, minimum, tables, sensitivity, scale, halfWidth95 };
}

function createTable(dimensions: readonly Dimension[], axes: readonly Axis[]): TablePlan {
  return {
    dimensions: [...dimensions],
    cells: axes.reduce<string[][]>(
      (cells, { values }) => cells.flatMap((cell) => values.map((value) => [...cell, value])),
      [[]],
    ),
    cellsPerRecord: axes.reduce((product, { mostPlaces }) => product * mostPlaces, 1),
    cellsOf: (record) =>
      axes.reduce<readonly number[]>(
        (cells, { values, placesOf }) => {
          const places = placesOf(record);
          return cells.flatMap((cell) => places.map((place) => cell * values.length + place));
        },
        [0],
      ),
  };
}

function isCount(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function isSet(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}
