#!/usr/bin/env node
import { writeSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { EarshotError, isEarshotError } from "../errors.js";
import { harden } from "../harden.js";
import type { AuditCommandOptions } from "./audit.js";
import { EXIT, type ScoreCommandOptions, score } from "./score.js";

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
    .command("audit")
    .description(
      "Show on this machine that scoring keeps, sends and writes nothing of a message: PASS, FAIL, NOT VERIFIED.",
    )
    .addOption(new Option("--format <format>", "form of the report").choices(["text", "json", "html"]).default("text"))
    .option("--output <file>", "write the report to a file")
    .option("--lines", "send each message as a plain line, not as JSON")
    .option("--pack <folder>", "a model pack of your own")
    .option("--seconds <count>", "how long system calls are observed", toCount, 20)
    .option("--quick", "fewer scripts and sizes")
    .addHelpText("after", "\nExit codes: 0 nothing failed, 1 a line reads FAIL, 2 wrong use.")
    // Loaded on demand: it can start programs and open sockets, which the process that scores must not even hold.
    .action(async (options: AuditCommandOptions) => run(await (await import("./audit.js")).audit(options)));
  return program;
}

function toCount(value: string): number {
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError("It is not a number above 0.");
  return count;
}

const USAGE_ERRORS = ["POLICY_INVALID", "COUNTRY_UNKNOWN", "FILE_NOT_READABLE", "PACK_NOT_FOUND"];

// Each message leaves a little garbage and nothing else: a nursery that stays small keeps the peak under 120 MB.
setFlagsFromString("--semi-space-growth-factor=1");
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
