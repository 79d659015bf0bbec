import { DIMENSIONS } from "./domain.js";
import { type Release, tableName } from "./release.js";

const COLUMNS: readonly string[] = ["table", ...DIMENSIONS, "count", "half_width_95", "minimum", "epsilon"];
const LINE_END = "\r\n";

/**
 * A release as CSV (RFC 4180, with a header): one row for each cell of each table. A dimension that the table does not have
 * is empty, and so is a count below the minimum. `epsilon` is that of the whole release.
 */
export function renderStatisticsCsv({ tables, minimum, epsilon }: Release): string {
  const rows = tables.flatMap(({ dimensions, halfWidth95, cells }) =>
    cells.map(({ values, count }) => [
      tableName(dimensions),
      ...DIMENSIONS.map((dimension) => values[dimensions.indexOf(dimension)] ?? ""),
      count ?? "",
      halfWidth95,
      minimum,
      epsilon,
    ]),
  );
  return [COLUMNS, ...rows].map((row) => row.map(quote).join(",") + LINE_END).join("");
}

function quote(field: string | number): string {
  const text = String(field);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
