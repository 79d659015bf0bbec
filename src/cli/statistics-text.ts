import Table from "cli-table3";
import type { Release } from "../statistics/index.js";
import { tableName } from "../statistics/release.js";
import type { Accounting } from "./budget-file.js";

/** A release with what is known of the releases before it; `operator` when the command keeps no account. */
export type AccountedRelease = Release & { readonly accounting: Accounting | "operator" };

/** A release for a terminal. */
export function renderStatisticsText(release: AccountedRelease): string {
  const { epsilon, contributions, categories, sensitivity, minimum } = release;
  return [
    `Counts with noise, epsilon ${epsilon}: at most ${contributions} records of a person and ${categories} of the categories of`,
    `a record count, so that one person changes all counts together by at most ${sensitivity}.`,
    accountingLine(release),
    ...release.tables.flatMap(({ dimensions, halfWidth95, cells }) => {
      const head = [...dimensions, "count"];
      const table = new Table({ head, style: { head: [], border: [], compact: true } });
      for (const { values, count } of cells) table.push([...values, count ?? `< ${minimum}`]);
      return ["", `${tableName(dimensions)}: each count ± ${halfWidth95} in 95 of 100 cases`, table.toString()];
    }),
    "",
    ...release.notes.map((note) => `- ${note}`),
    "",
  ].join("\n");
}

function accountingLine({ accounting }: AccountedRelease): string {
  if (accounting === "operator")
    return "No account is kept of releases (--budget-file): what several of them cost together is for you to add up.";
  const { period, limit, spentInPeriod, spentInAllPeriods } = accounting;
  return `Spent in ${period}: ${spentInPeriod} of ${limit}; in all periods together: ${spentInAllPeriods}.`;
}
