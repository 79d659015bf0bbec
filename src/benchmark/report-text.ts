import Table from "cli-table3";
import { type BenchmarkReport, READING_NOTES } from "./report.js";
import { reportFacts, reportTables } from "./tables.js";

/** The report for a terminal. */
export function renderBenchmarkText(report: BenchmarkReport): string {
  const sections = reportTables(report).map(({ title, head, rows }) => {
    const table = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
    for (const row of rows) table.push([...row]);
    return `${title}\n${table.toString()}`;
  });
  const noise = report.noise.map((sentence) => `NOISY: ${sentence}`);
  return `${[[...reportFacts(report), ...noise].join("\n"), ...sections, READING_NOTES.join("\n")].join("\n\n")}\n`;
}
