import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import * as z from "zod";
import { EarshotError } from "../errors.js";
import { type Budget, createBudget, toThousandths } from "../statistics/budget.js";

const headSchema = z.strictObject({ schemaVersion: z.literal(1), limit: z.number() });
const periodSchema = z.string().min(1).max(64);
const entrySchema = z.strictObject({ period: periodSchema, epsilon: z.number() });

/** Where the memory of releases is, and what holds for this one. */
export interface BudgetFileOptions {
  readonly path: string;
  /** The stretch of time that the records are from, 1 to 64 characters; always the same name for the same one. */
  readonly period: string;
  /** Epsilon for each period; a file is made with it if there is none, and otherwise must hold the same. */
  readonly limit?: number;
}

/** What releases have cost, this one included. */
export interface Accounting {
  readonly period: string;
  readonly limit: number;
  readonly spentInPeriod: number;
  /** Bounds the loss of somebody who wrote in every period. */
  readonly spentInAllPeriods: number;
}

/**
 * A budget whose memory is a file of JSON Lines that only grows: `{"schemaVersion":1,"limit":1}`, then a line such as
 * `{"period":"2026-11","epsilon":0.5}` for each release. The line is on the disk before anything is drawn: a release that
 * then fails is paid for all the same. Of two runs at once each sees the other's line, so that the limit holds, though
 * both may be refused.
 *
 * @throws EarshotError `STATISTICS_INVALID` for a period of another length. Both methods: `FILE_NOT_READABLE`,
 *   `BUDGET_INVALID` for a file of another form or limit; `spend` also `BUDGET_SPENT`, `OUTPUT_FAILED`
 */
export function createFileBudget(options: BudgetFileOptions): Budget & { readonly accounting: () => Accounting } {
  const { path, period, limit } = options;
  if (!periodSchema.safeParse(period).success) throw new EarshotError("STATISTICS_INVALID");
  return {
    spend(epsilon) {
      if (limit !== undefined) createFile(path, limit);
      const before = readAccounting(options);
      createBudget(before.limit, before.spentInPeriod).spend(epsilon);
      append(path, "a", { period, epsilon });
      const after = readAccounting(options);
      if (after.spentInPeriod > after.limit)
        throw new EarshotError("BUDGET_SPENT", { limit: after.limit, spent: after.spentInPeriod, asked: epsilon });
    },
    accounting: () => readAccounting(options),
  };
}

function createFile(path: string, limit: number): void {
  toThousandths(limit);
  try {
    append(path, "wx", { schemaVersion: 1, limit });
  } catch {
    // There is one already, or reading it will fail.
  }
}

function append(path: string, flags: "a" | "wx", line: object): void {
  try {
    const file = openSync(path, flags, 0o600);
    try {
      // One call, so that the lines of two runs do not mix.
      writeSync(file, `${JSON.stringify(line)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch {
    throw new EarshotError("OUTPUT_FAILED");
  }
}

function readAccounting({ path, period, limit: expected }: BudgetFileOptions): Accounting {
  const text = readFile(path);
  try {
    // A last line without its end was cut: what is missing may have been a release.
    if (!text.endsWith("\n")) throw new EarshotError("BUDGET_INVALID");
    const [head, ...lines] = text.trimEnd().split("\n");
    const { limit } = headSchema.parse(JSON.parse(head));
    if (expected !== undefined && expected !== limit) throw new EarshotError("BUDGET_INVALID");
    toThousandths(limit);
    const entries = lines.map((line) => entrySchema.parse(JSON.parse(line)));
    // In whole thousandths, so that sums do not drift.
    const sum = (some: typeof entries): number =>
      some.reduce((total, { epsilon }) => total + toThousandths(epsilon), 0) / 1000;
    const spentInPeriod = sum(entries.filter((entry) => entry.period === period));
    return { period, limit, spentInPeriod, spentInAllPeriods: sum(entries) };
  } catch {
    throw new EarshotError("BUDGET_INVALID");
  }
}

function readFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new EarshotError("FILE_NOT_READABLE");
  }
}
