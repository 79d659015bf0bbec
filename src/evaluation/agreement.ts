import { URGENCIES } from "../labels.js";
import type { Column } from "./ranking.js";

const LEVELS = URGENCIES.length;

/** How many lines of each true level (rows, gravest first) were given each level (columns). */
export type ConfusionMatrix = readonly (readonly number[])[];

/**
 * Counts true levels against given ones.
 *
 * @param trueLevels places in `URGENCIES`, 0 for the gravest
 * @param levels the same for what was given
 * @param counts how often each line counts
 */
export function confusionMatrix(trueLevels: Column, levels: Column, counts: Column): ConfusionMatrix {
  const matrix = Array.from({ length: LEVELS }, () => new Array<number>(LEVELS).fill(0));
  for (let line = 0; line < trueLevels.length; line += 1) matrix[trueLevels[line]][levels[line]] += counts[line];
  return matrix;
}

/** Lines in the rows from 0 to before `rows` and the columns from 0 to before `columns`. */
export function countWithin(matrix: ConfusionMatrix, rows: number, columns: number): number {
  let sum = 0;
  for (let row = 0; row < rows; row += 1)
    for (let column = 0; column < columns; column += 1) sum += matrix[row][column];
  return sum;
}

/**
 * Cohen's kappa with quadratic weights (Cohen 1968): agreement beyond chance, where a miss by two levels weighs four times
 * one by a single level.
 *
 * @returns at most 1; not a number when chance alone would agree on everything
 */
export function quadraticKappa(matrix: ConfusionMatrix): number {
  const total = countWithin(matrix, LEVELS, LEVELS);
  const ofRow = matrix.map((row) => row.reduce((sum, count) => sum + count, 0));
  const ofColumn = matrix.map((_, column) => matrix.reduce((sum, row) => sum + row[column], 0));
  let observed = 0;
  let expected = 0;
  for (let row = 0; row < LEVELS; row += 1) {
    for (let column = 0; column < LEVELS; column += 1) {
      const weight = (row - column) ** 2;
      observed += weight * matrix[row][column];
      expected += (weight * ofRow[row] * ofColumn[column]) / total;
    }
  }
  return expected === 0 ? Number.NaN : 1 - observed / expected;
}
