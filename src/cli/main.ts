#!/usr/bin/env node
import { writeSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { EarshotError, isEarshotError } from "../errors.js";
import { harden } from "../harden.js";
import type { AuditCommandOptions } from "./audit.js";
import type { BenchCommandOptions } from "./bench.js";
import type { CalibrateCommandOptions } from "./calibrate.js";
import { addDirectoryCommand } from "./directory-command.js";
import type { EvaluateCommandOptions } from "./evaluate.js";
import type { EvidenceCommandOptions } from "./evidence.js";
import { EXIT, type ScoreCommandOptions, score } from "./score.js";
import { addServeCommand } from "./serve-command.js";
import type { SimulateCommandOptions } from "./simulate.js";
import { addStatisticsCommand } from "./statistics-command.js";
import { addWorkCommand } from "./work-command.js";

const DEFAULT_WORDS: readonly number[] = [20, 60, 200, 1000];

/** Builds the command line; `run` gets what the chosen command returns. */
export function createProgram(run: (exitCode: number) => void): Command {
  const program = new Command("earshot")
    .description("Orders waiting messages by danger, on this machine. Suggests, never decides.")
    .exitOverride()
    .showHelpAfterError("(--help lists the options)");
  program
    .command("score")
    .description("Score messages: JSON Lines with a text field, or plain lines.")
    .argument("[file]", "file to read, - for standard input", "-")
    .option("--lines", "each line is a message, not JSON")
    .addOption(new Option("--format <format>", "table on a terminal, else jsonl").choices(["table", "jsonl", "json"]))
    .option("--country <code>", "two-letter country of the people who write, for who can help")
    .option("--language <tag>", "language of all messages; identified when absent")
    .option("--policy <file>", "a policy of your own (JSON)")
    .option("--pack <folder>", "a model pack of your own")
    .option("--model <file>", "scores by a model from elsewhere; benchmarks/README.md has the form")
    .option("--directory <file>", "helplines of your own (JSON), added to the bundled ones or in their place")
    .option("--spans", "with each result, how much each word weighs, as byte offsets")
    .option("--preview", "show the first characters of each message in the table")
    .option("--top <count>", "how many rows the table shows", toCount, 200)
    .option("--no-color", "no colours in the table")
    .addHelpText(
      "after",
      "\nExit codes: 0 done, 1 failed, 2 wrong use, 3 some lines were rejected (each has its code in the output).",
    )
    .action(async (file: string, options: ScoreCommandOptions) => run(await score(file, options)));
  program
    .command("evaluate")
    .description("Measure against labelled messages: JSON Lines with text and any of urgency, categories, signals.")
    .argument("<data...>", "files to read, - for standard input")
    .addOption(new Option("--format <format>", "form of the report").choices(["text", "json"]).default("text"))
    .option("--output <file>", "write the report to a file")
    .option("--html <file>", "also write one page with plots that needs nothing else")
    .option("--errors <file>", "also write the lines given another level: numbers and levels, as JSON Lines")
    .option("--policy <file>", "a policy of your own (JSON)")
    .option("--pack <folder>", "a model pack of your own")
    .option("--model <file>", "scores by a model from elsewhere; benchmarks/README.md has the form")
    .option("--identify-language", "do not tell the model the language that a line states")
    .option("--seed <number>", "seed of the resampling", toCount, 1)
    .option("--resamples <count>", "how often lines are drawn again for an interval", toCount, 400)
    .addHelpText(
      "after",
      `
Lines may also have language and slice (a-z, 0-9, -), each reported by itself, age and country.
Bad lines go to standard error as {"file","line","error"} and are left out. No text is ever written.
Exit codes: 0 done, 1 failed, 2 wrong use, 3 some lines were rejected.`,
    )
    // Loaded on demand, as everything that writes files is.
    .action(async (data: string[], options: EvaluateCommandOptions) =>
      run(await (await import("./evaluate.js")).evaluate(data, options)),
    );
  program
    .command("calibrate")
    .description("Choose the thresholds of immediate and urgent on your own labelled messages; gives a policy.")
    .argument("<data...>", "files to read, as for evaluate; only urgency counts")
    .option("--output <file>", "write the policy to a file, for score --policy")
    .addOption(
      new Option("--sensitivity <share>", "find at least this share of each level (default: 0.95)")
        .argParser(toShare)
        .conflicts("falseAlarms"),
    )
    .addOption(
      new Option("--false-alarms <share>", "instead: raise at most this share of what is below each level").argParser(
        toShare,
      ),
    )
    .option("--messages-per-hour <count>", "also say how many alerts an hour that makes", toCount)
    .addOption(new Option("--format <format>", "form of the report").choices(["text", "json"]).default("text"))
    .option("--policy <file>", "a policy of your own (JSON) to change")
    .option("--pack <folder>", "a model pack of your own")
    .option("--model <file>", "scores by a model from elsewhere; benchmarks/README.md has the form")
    .option("--identify-language", "do not tell the model the language that a line states")
    .option("--seed <number>", "seed of folds and resampling", toCount, 1)
    .addHelpText(
      "after",
      `
It takes 30 lines at each of the two levels (or above) and 30 below it: with fewer, a threshold would
rest on a single message, and nobody could tell a good one from a bad one.
Figures are measured on lines that had no part in the choice (five rounds).
Exit codes: 0 done, 1 failed (too few lines: DATA_TOO_FEW), 2 wrong use, 3 some lines were rejected.`,
    )
    .action(async (data: string[], options: CalibrateCommandOptions) =>
      run(await (await import("./calibrate.js")).calibrate(data, options)),
    );
  program
    .command("simulate")
    .description("Show how long people would wait in other orders: first come first served, strict, Earshot's queue.")
    .argument("<scenario>", "what is simulated (JSON); fixtures/simulation has examples")
    .option("--arrivals <file>", "who came when: JSON Lines of at, level, and if known handlingMinutes")
    .option("--perfect", "as if every level were given rightly")
    .option("--seed <number>", "the same seed gives the same figures", toCount, 1)
    .option("--runs <count>", "independent runs, 5 or more", toRuns, 20)
    .addOption(new Option("--format <format>", "form of the report").choices(["text", "json"]).default("text"))
    .option("--output <file>", "write the report to a file")
    .option("--html <file>", "also write one page with plots that needs nothing else")
    .addHelpText(
      "after",
      `
In a record of arrivals, "at" is a time such as 2026-03-01T22:15:00+03:00; its clock is the one of the shifts. "level" is
what the person turned out to need. Bad lines go to standard error as {"line","error"} and are left out.
Exit codes: 0 done, 1 failed, 2 wrong use, 3 some lines were rejected.`,
    )
    // Loaded on demand, as everything that writes files is.
    .action(async (scenario: string, options: SimulateCommandOptions) =>
      run(await (await import("./simulate.js")).simulate(scenario, options)),
    );
  program
    .command("bench")
    .description("Measure what models cost on this machine: time, throughput, start, memory, and how far they agree.")
    .option("--pack <folder...>", "model packs of your own; the bundled one when no model is named")
    .option("--model <file...>", "models of others in transformers.js, each described by a JSON file")
    .option("--words <count...>", "lengths of the invented messages", toCounts, DEFAULT_WORDS)
    .option("--text <file>", "instead: messages of your own, as for score; take none that are confidential")
    .option("--lines", "in that file each line is a message, not JSON")
    .option("--rounds <count>", "rounds in which the models take turns", toCount, 10)
    .option("--round-ms <count>", "milliseconds of a round", toCount, 200)
    .option("--cold-starts <count>", "how often each model is started", toCount, 5)
    .option("--cores <count>", "most processes at a time; all cores when absent", toCount)
    .option("--streams <count>", "messages at once in the multi stream scenario", toCount, 8)
    .option(
      "--rate <count...>",
      "messages a second in the server scenario; shares of the throughput when absent",
      toCounts,
    )
    .option("--latency-bound-ms <count>", "within which 99 in 100 should be answered there", toCount, 10)
    .option("--seed <number>", "seed of messages and arrivals", toCount, 1)
    .option("--quick", "a first impression: 3 rounds of 60 ms, 2 starts")
    .option("--quality <file...>", "what evaluate --format json wrote, one file a model, to set against time")
    .addOption(new Option("--format <format>", "form of the report").choices(["text", "json"]).default("text"))
    .option("--output <file>", "write the report to a file")
    .option("--html <file>", "also write one page with plots that needs nothing else")
    .addHelpText(
      "after",
      `
Scenarios as in MLPerf Inference: single stream, multi stream, server, offline. A busy machine is reported as such.
A model file: {"library": "@huggingface/transformers", "folder": "...", "labelMap": {...}}; benchmarks/README.md explains.
Exit codes: 0 done, 1 failed, 2 wrong use.`,
    )
    // Loaded on demand: it starts programs.
    .action(async (options: BenchCommandOptions) => run(await (await import("./bench.js")).bench(options)));
  program
    .command("bench-worker", { hidden: true })
    .argument("<kind>")
    .argument("<path>")
    .action(async (kind: string, path: string) => (await import("./bench-subjects.js")).benchWorker(kind, path));
  program
    .command("audit")
    .description(
      "Show on this machine that scoring keeps, sends and writes nothing of a message: PASS, FAIL, NOT VERIFIED.",
    )
    .addOption(new Option("--format <format>", "form of the report").choices(["text", "json", "html"]).default("text"))
    .option("--output <file>", "write the report to a file")
    .option("--lines", "send each message as a plain line, not as JSON")
    .addOption(new Option("--serve", "audit earshot serve in place of earshot score").conflicts("lines"))
    .option("--pack <folder>", "a model pack of your own")
    .option("--seconds <count>", "how long system calls are observed", toCount, 20)
    .option("--quick", "fewer scripts and sizes")
    .addHelpText("after", "\nExit codes: 0 nothing failed, 1 a line reads FAIL, 2 wrong use.")
    // Loaded on demand: it can start programs and open sockets, which the process that scores must not even hold.
    .action(async (options: AuditCommandOptions) => run(await (await import("./audit.js")).audit(options)));
  program
    .command("evidence")
    .description("Write drafts for those who must answer for the service, filled from your own reports.")
    .requiredOption("--output <folder>", "where the documents are written; nothing there is overwritten")
    .addOption(
      new Option("--format <format>", "form of the documents")
        .choices(["markdown", "html", "json"])
        .default("markdown"),
    )
    .option("--evaluation <file>", "what evaluate --format json wrote")
    .option("--audit <file>", "what audit --format json wrote")
    .option("--simulation <file>", "what simulate --format json wrote")
    .option("--organisation <file>", "your answers (JSON): the form organisation.json of an earlier run, filled in")
    .option("--policy <file>", "a policy of your own (JSON)")
    .option("--pack <folder>", "a model pack of your own")
    .option("--directory <file>", "helplines of your own (JSON)")
    .option("--date <day>", "the day that stands on the documents, YYYY-MM-DD; today when absent", toDay)
    .addHelpText(
      "after",
      `
Writes a data protection impact assessment (GDPR, Article 35), a record under the headings of Annex IV of the EU AI Act, a
child rights impact assessment, and notices for children of 9, 13 and 16. Drafts, and not legal advice.
What was not given stands there as not measured. What only you know is marked FILL IN, and counted.
Exit codes: 0 done, 1 failed, 2 wrong use.`,
    )
    // Loaded on demand, as everything that writes files is.
    .action(async (options: EvidenceCommandOptions) => run((await import("./evidence.js")).evidence(options)));
  addDirectoryCommand(program, run);
  addStatisticsCommand(program, run);
  addServeCommand(program, run);
  addWorkCommand(program, run);
  return program;
}

function toCount(value: string): number {
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError("It is not a number above 0.");
  return count;
}

/** Several; the first one replaces the default. */
function toCounts(value: string, before: readonly number[]): readonly number[] {
  const count = toCount(value);
  return before === DEFAULT_WORDS || before === undefined ? [count] : [...before, count];
}

function toRuns(value: string): number {
  const runs = toCount(value);
  if (runs < 5) throw new InvalidArgumentError("It takes 5 or more for an interval.");
  return runs;
}

function toDay(value: string): string {
  const day = new Date(`${value}T00:00:00Z`);
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, value.length) !== value || value.length !== 10)
    throw new InvalidArgumentError("It is not a day as in 2026-03-01.");
  return value;
}

function toShare(value: string): number {
  const share = Number(value);
  if (!(share > 0 && share < 1)) throw new InvalidArgumentError("It is not a number between 0 and 1.");
  return share;
}

const USAGE_ERRORS = [
  "LABEL_MAP_INVALID",
  "POLICY_INVALID",
  "DIRECTORY_INVALID",
  "SCENARIO_INVALID",
  "EVIDENCE_INVALID",
  "ORGANISATION_INVALID",
  "OUTPUT_EXISTS",
  "STATISTICS_INVALID",
  "BUDGET_INVALID",
  "COUNTRY_UNKNOWN",
  "FILE_NOT_READABLE",
  "KEY_INVALID",
  "TOKEN_INVALID",
  "ADDRESS_NOT_LOCAL",
  "PACK_NOT_FOUND",
];

// Each message leaves a little garbage and nothing else: a nursery that stays small, and a heap that is cleared before it
// grows, keep the peak low (benchmarks/memory.ts).
setFlagsFromString("--semi-space-growth-factor=1");
setFlagsFromString("--optimize-for-size");
harden({ ownsProcess: true });
try {
  await createProgram((exitCode) => {
    process.exitCode = exitCode;
  }).parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
  else {
    const known = isEarshotError(error) ? error : new EarshotError("INTERNAL");
    process.exitCode = USAGE_ERRORS.includes(known.code) ? EXIT.usage : EXIT.failed;
    // One fixed sentence with numbers: nothing of the input can be in it.
    writeSync(2, `${JSON.stringify({ error: known.code, message: known.message, ...known.details })}\n`);
  }
}
