import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { URGENCIES } from "../../src/labels.js";
import type { Assessment } from "../../src/types.js";

/** The built command. */
export const MAIN: string = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
/** Folder of the pack that comes with the package. */
export const BASE_PACK: string = fileURLToPath(new URL("../../models/packs/base", import.meta.url));
/** Folder of the invented messages. */
export const FIXTURES: string = fileURLToPath(new URL("../../fixtures/", import.meta.url));

/** What a line of output is. */
export type OutputLine = Partial<Assessment> & { readonly line?: number; readonly error?: string };

/** A command that has ended. */
export interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `earshot` with pipes, unless `options` say otherwise; who writes after it ended gets no error. */
export function start(parameters: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const { NO_COLOR: _, FORCE_COLOR: __, ...environment } = process.env;
  const child = spawn(process.execPath, [MAIN, ...parameters], { stdio: "pipe", env: environment, ...options });
  child.stdin?.on("error", () => {});
  return child;
}

/** Runs `earshot` to its end. */
export async function run(parameters: readonly string[], input: Uint8Array | string = ""): Promise<Finished> {
  const child = start(parameters);
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout?.on("data", (bytes: Buffer) => output.push(bytes));
  child.stderr?.on("data", (bytes: Buffer) => errors.push(bytes));
  child.stdin?.end(input);
  const [exitCode] = await once(child, "close");
  return { exitCode, stdout: Buffer.concat(output).toString("utf8"), stderr: Buffer.concat(errors).toString("utf8") };
}

/** Reads JSON Lines; every line has to end. */
export function parseLines(output: string): OutputLine[] {
  if (output === "") return [];
  if (!output.endsWith("\n")) throw new Error("The last line does not end.");
  return output
    .slice(0, -1)
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** Scores messages, each as one line of JSON; `lines` is empty when `parameters` choose a format. */
export async function scoreMessages(
  messages: readonly object[],
  ...parameters: readonly string[]
): Promise<Finished & { readonly lines: readonly OutputLine[] }> {
  const finished = await run(
    ["score", ...parameters],
    messages.map((message) => `${JSON.stringify(message)}\n`).join(""),
  );
  return { ...finished, lines: parameters.includes("--format") ? [] : parseLines(finished.stdout) };
}

/** The one JSON object that a failed command leaves on standard error; fails when there is a stack trace or anything else. */
export function parseFailure({ stderr }: Finished): Readonly<Record<string, unknown>> {
  const [line, ...others] = stderr.split("\n");
  if (others.join("") !== "") throw new Error(`${others.length} lines on standard error`);
  return JSON.parse(line);
}

/** Whether a line of output is a whole result. */
export function isAssessment(line: OutputLine): line is Assessment {
  return line.schemaVersion === 1 && line.error === undefined && URGENCIES.some((level) => level === line.urgency);
}

/** The fixture files with input. */
export const INPUT_FILES: readonly string[] = [
  "inbox.jsonl",
  ...readdirSync(`${FIXTURES}bad-input`).map((name) => `bad-input/${name}`),
];

/** The errors that `fixtures/README.md` promises for a file, by line number. */
export function documentedErrors(file: string): ReadonlyMap<number, string> {
  const readme = readFileSync(`${FIXTURES}README.md`, "utf8");
  const rows = [...readme.matchAll(/^\| `([^`]+)` \| (\d+) \| `([A-Z0-9_]+)` \|/gm)];
  return new Map(rows.filter(([, name]) => name === file).map(([, , line, code]) => [Number(line), code]));
}
