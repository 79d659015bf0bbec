import { type Command, InvalidArgumentError, Option } from "commander";
import { CATEGORIES, SIGNALS, URGENCIES } from "../labels.js";
import { CHANNEL_KINDS, REFERRAL_KINDS } from "../referral/schema.js";
import type { DirectoryOptions, ExportOptions, ListOptions, WhyOptions } from "./directory.js";

/** Adds `earshot directory` and its subcommands; `run` gets the exit code. */
export function addDirectoryCommand(program: Command, run: (exitCode: number) => void): void {
  const directory = program
    .command("directory")
    .description("Helplines and emergency numbers: check a file of your own, list, export, explain a choice.");
  directory
    .command("check")
    .description("Check a file of your own, which adds to the bundled directory and overrides it; names lines.")
    .argument("<file>", "the file (JSON); fixtures/directory has an example and its form")
    .addOption(formatOption())
    .addOption(staleOption())
    .addHelpText("after", "\nExit codes: 0 it can be used, 1 it cannot, 2 wrong use.")
    .action(async (file: string, options: DirectoryOptions) => run((await load()).check(file, options)));
  directory
    .command("list")
    .description("List entries.")
    .option("--country <code>", "two-letter country, 001 for the whole world")
    .addOption(new Option("--kind <kind>", "kind of service").choices(REFERRAL_KINDS))
    .option("--stale", "only what was verified too long ago, or nobody knows when")
    .addOption(staleOption())
    .addOption(directoryOption())
    .addOption(formatOption())
    .action(async (options: ListOptions) => run((await load()).list(options)));
  directory
    .command("export")
    .description("Write entries as Open Referral HSDS 3.0 (JSON).")
    .option("--country <code>", "two-letter country, 001 for the whole world")
    .option("--output <file>", "write to a file")
    .addOption(directoryOption())
    .action(async (options: ExportOptions) => run(await (await load()).exportHsds(options)));
  directory
    .command("why")
    .description("Show who would be offered to a person, who not, and why. No message is needed or read.")
    .option("--country <code>", "two-letter country of the person")
    .option("--region <name>", "part of the country, as the directory writes it")
    .addOption(new Option("--level <level>", "urgency").choices(URGENCIES).default("urgent"))
    .addOption(new Option("--category <names...>", "harms that the message speaks of").choices(CATEGORIES).default([]))
    .addOption(new Option("--signal <names...>", "what else it shows").choices(SIGNALS).default([]))
    .option("--age <years>", "age of the person who writes", toAge)
    .option("--language <tags...>", "languages that the person understands", [])
    .addOption(new Option("--channel <kinds...>", "ways that the person wants").choices(CHANNEL_KINDS).default([]))
    .option("--free", "what costs nothing before others")
    .option("--anonymous", "where one may stay anonymous before others")
    .option("--full <ids...>", "entries that take nobody at the moment", [])
    .option("--at <time>", "as 2026-11-21T22:15:00+03:00 (default: now)", toTime)
    .option("--limit <count>", "most entries to offer", toCount, 3)
    .addOption(staleOption())
    .addOption(directoryOption())
    .addOption(formatOption())
    .action(async (options: WhyOptions) => run((await load()).why(options)));
  directory
    .command("messages")
    .description("Print the words shown with a referral, in the form in which a file of your own may replace them.")
    .action(async () => run((await load()).messages()));
}

// Loaded on demand, as everything that writes files is.
function load(): Promise<typeof import("./directory.js")> {
  return import("./directory.js");
}

function formatOption(): Option {
  return new Option("--format <format>", "form of the output").choices(["table", "json"]).default("table");
}

function directoryOption(): Option {
  return new Option("--directory <file>", "a file of your own, laid over the bundled directory");
}

function staleOption(): Option {
  return new Option("--stale-after <days>", "age at which an entry is stale").argParser(toCount).default(365);
}

function toCount(value: string): number {
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError("It is not a number above 0.");
  return count;
}

function toAge(value: string): number {
  const age = Number(value);
  if (value.trim() === "" || !(age >= 0 && age <= 120))
    throw new InvalidArgumentError("It is not a number from 0 to 120.");
  return age;
}

function toTime(value: string): Date {
  const time = new Date(value);
  if (!/T.*(Z|[+-]\d\d:\d\d)$/.test(value) || Number.isNaN(time.getTime()))
    throw new InvalidArgumentError("It is not a time with its offset, such as 2026-11-21T22:15:00+03:00.");
  return time;
}
