import { type Command, InvalidArgumentError, Option } from "commander";
import type { StatisticsCommandOptions } from "./statistics.js";

/** Adds `earshot statistics`; `run` gets the exit code. */
export function addStatisticsCommand(program: Command, run: (exitCode: number) => void): void {
  program
    .command("statistics")
    .description("Count contacts for funders and governments, with noise, so that nobody is revealed.")
    .argument("[file]", "assessments as score --format jsonl gives them, - for standard input", "-")
    .option("--epsilon <number>", "loss of privacy of this release: less is safer and noisier", toAmount, 1)
    .option("--contributions <count>", "how many records of one person count, the first ones", toCount, 3)
    .option("--categories <count>", "how many categories of one record count, the strongest ones", toCount, 1)
    .option("--by <tables>", "tables, as level,age+level,total (default: level,category,age,hour, and country)")
    .option("--countries <codes>", "countries to count, as KE,UG; chosen beforehand, not from the records")
    .option("--time-zone <name>", "where the hours are, as Africa/Nairobi; else the clock of each line's time")
    .option("--minimum <count>", "do not show less than this (default: what noise alone seldom reaches)", toMinimum)
    .option("--budget-file <file>", "account of what releases have cost; refuses what would be too much")
    .option("--budget <number>", "epsilon for each period; makes the file if there is none", toAmount)
    .option("--period <name>", "the time that the records are from, as 2026-11", "all")
    .addOption(new Option("--format <format>", "form of the counts").choices(["text", "json", "csv"]).default("text"))
    .option("--output <file>", "write the counts to a file")
    .addHelpText(
      "after",
      `
Each line is an assessment to which you add "person" (an id of who wrote, or else of the conversation), and if known "age",
"country" and "at" (as 2026-03-01T22:15:00+03:00). A line with a text is refused. Tables are made of: level, category and
subcategory (Child Helpline International), age, country, hour. Each further table makes all of them noisier.
The counts are given, and paid for, whatever lines were rejected: not to give them would tell. Only the counts are meant to
be published; rejected lines go to standard error as {"line","error"}, and so does, for csv, who keeps the account.
Exit codes: 0 done, 1 failed (BUDGET_SPENT: nothing was given), 2 wrong use, 3 some lines were rejected.`,
    )
    // Loaded on demand, as everything that writes files is.
    .action(async (file: string, options: StatisticsCommandOptions) =>
      run(await (await import("./statistics.js")).statistics(file, options)),
    );
}

function toCount(value: string): number {
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError("It is not a number above 0.");
  return count;
}

function toMinimum(value: string): number {
  return value === "0" ? 0 : toCount(value);
}

function toAmount(value: string): number {
  const amount = Number(value);
  if (!(amount > 0 && Math.round(amount * 1000) / 1000 === amount))
    throw new InvalidArgumentError("It is not a number above 0 with at most three decimals.");
  return amount;
}
