import { EarshotError } from "../errors.js";
import { createStatistics, DIMENSIONS, type Dimension, renderStatisticsCsv } from "../statistics/index.js";
import { createFileBudget } from "./budget-file.js";
import { writeResult } from "./output-file.js";
import { EXIT } from "./score.js";
import { countLines, createHourOf } from "./statistics-lines.js";
import { type AccountedRelease, renderStatisticsText } from "./statistics-text.js";
import { createLineWriter } from "./streams.js";

/** Options of `earshot statistics`, as the command line gives them. */
export interface StatisticsCommandOptions {
  readonly epsilon: number;
  readonly contributions: number;
  readonly categories: number;
  /** Tables between commas, each of dimensions joined by +, or `total`. */
  readonly by?: string;
  /** Codes between commas. */
  readonly countries?: string;
  readonly timeZone?: string;
  readonly minimum?: number;
  readonly budgetFile?: string;
  readonly budget?: number;
  readonly period: string;
  readonly format: "text" | "json" | "csv";
  readonly output?: string;
}

const DEFAULT_TABLES = "level,category,age,hour";

/**
 * Counts assessments and writes the counts with noise; returns the exit code. Lines that cannot be read change nothing else:
 * to give no counts for their sake, or for want of lines, would tell about single people.
 *
 * @throws EarshotError `STATISTICS_INVALID`, `BUDGET_SPENT`, `BUDGET_INVALID`, `FILE_NOT_READABLE`, and as the writing of
 *   files does
 */
export async function statistics(path: string, options: StatisticsCommandOptions): Promise<number> {
  const { epsilon, contributions, categories, minimum, budgetFile, budget: limit, period } = options;
  const countries = options.countries?.split(",") ?? [];
  if (limit !== undefined && budgetFile === undefined) throw new EarshotError("STATISTICS_INVALID");
  const budget =
    budgetFile === undefined
      ? undefined
      : createFileBudget({ path: budgetFile, period, ...(limit !== undefined && { limit }) });
  const counter = createStatistics({
    epsilon,
    contributions,
    categories,
    countries,
    tables: readTables(options.by ?? (countries.length > 0 ? `${DEFAULT_TABLES},country` : DEFAULT_TABLES)),
    ...(minimum !== undefined && { minimum }),
    ...(budget !== undefined && { budget }),
  });
  const errors = createLineWriter(2);
  let rejected = 0;
  countLines(path, createHourOf(options.timeZone), counter.count, (line, error) => {
    rejected += 1;
    errors.writeLine(JSON.stringify({ line, error }));
  });
  if (options.format === "csv" && budget === undefined) errors.writeLine(JSON.stringify({ accounting: "operator" }));
  errors.flush();
  const release = counter.release();
  write(render({ ...release, accounting: budget?.accounting() ?? "operator" }, options.format), options.output);
  return rejected > 0 ? EXIT.rejected : EXIT.done;
}

function render(release: AccountedRelease, format: StatisticsCommandOptions["format"]): string {
  if (format === "text") return renderStatisticsText(release);
  return format === "json" ? `${JSON.stringify(release)}\n` : renderStatisticsCsv(release);
}

function write(text: string, path: string | undefined): void {
  if (path !== undefined) {
    writeResult(text, path);
    return;
  }
  const writer = createLineWriter(1);
  // Only the line feed is taken off, which the writer adds: lines of CSV end with a carriage return as well.
  writer.writeLine(text.slice(0, -1));
  writer.flush();
}

function readTables(by: string): Dimension[][] {
  return by.split(",").map((table) => {
    if (table === "total") return [];
    return table.split("+").map((name) => {
      const dimension = DIMENSIONS.find((known) => known === name);
      if (dimension === undefined) throw new EarshotError("STATISTICS_INVALID");
      return dimension;
    });
  });
}
