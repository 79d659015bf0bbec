import { fstatSync } from "node:fs";
import { EarshotError, type EarshotErrorCode, isEarshotError } from "../errors.js";
import { URGENCIES } from "../labels.js";
import { createLazyTriage, type Triage } from "../triage.js";
import { type LineResult, type ReadOptions, scoreLines } from "./messages.js";
import { openModelOption } from "./model-option.js";
import { readPolicyFile } from "./policy-file.js";
import { closeInput, createLineWriter, createRead, type LineWriter, openInput } from "./streams.js";
import type { TableRow } from "./table.js";

/** Options of `earshot score`, as the command line gives them. */
export interface ScoreCommandOptions {
  readonly lines?: boolean;
  readonly format?: "table" | "jsonl" | "json";
  readonly country?: string;
  readonly language?: string;
  readonly policy?: string;
  readonly pack?: string;
  readonly model?: string;
  readonly directory?: string;
  readonly spans?: boolean;
  readonly preview?: boolean;
  readonly top: number;
  readonly color: boolean;
}

/** Exit codes of every command. */
export const EXIT = { done: 0, failed: 1, usage: 2, rejected: 3 } as const;

const PREVIEW_CHARACTERS = 24;

/** Scores a file or standard input; returns the exit code. */
export async function score(path: string, options: ScoreCommandOptions): Promise<number> {
  const triage = await createLazyTriage({
    ...(options.country !== undefined && { country: options.country }),
    ...(options.pack !== undefined && { pack: options.pack }),
    ...(await openModelOption(options.model)),
    ...(options.policy !== undefined && { policy: readPolicyFile(options.policy) }),
    ...(options.directory !== undefined && {
      directory: (await import("./directory-file.js")).readDirectoryFile(options.directory),
    }),
  });
  const format = options.format ?? (process.stdout.isTTY ? "table" : "jsonl");
  const readOptions: ReadOptions = {
    plainLines: options.lines ?? false,
    previewCharacters: options.preview && format === "table" ? PREVIEW_CHARACTERS : 0,
    context: {
      ...(options.language !== undefined && { language: options.language }),
      ...(options.spans && { spans: true }),
    },
  };
  const descriptor = openInput(path);
  const writer = createLineWriter(1);
  try {
    if (format === "table") return await scoreToTable(descriptor, triage, readOptions, options, writer);
    return await scoreToJson(descriptor, triage, readOptions, format, writer);
  } finally {
    closeInput(descriptor);
    await triage.close();
  }
}

async function scoreToJson(
  descriptor: number,
  triage: Triage,
  readOptions: ReadOptions,
  format: "jsonl" | "json",
  writer: LineWriter,
): Promise<number> {
  const read = createRead(descriptor);
  // Answers go out before the next read waits, so that a program that sends one message at a time gets its answer.
  const flushingRead: typeof read = (into, start, length) => {
    writer.flush();
    return read(into, start, length);
  };
  let rejected = 0;
  let line = 0;
  try {
    if (format === "json") writer.writeLine("[");
    for await (const result of scoreLines(flushingRead, triage, readOptions)) {
      if ("error" in result) rejected += 1;
      const separator = format === "json" && line > 0 ? "," : "";
      line = result.line;
      writer.writeLine(separator + JSON.stringify("error" in result ? result : result.assessment));
    }
    if (format === "json") writer.writeLine("]");
    writer.flush();
  } catch (error) {
    throw isEarshotError(error) ? new EarshotError(error.code, { ...error.details, line: line + 1 }) : error;
  }
  return rejected > 0 ? EXIT.rejected : EXIT.done;
}

async function scoreToTable(
  descriptor: number,
  triage: Triage,
  readOptions: ReadOptions,
  options: ScoreCommandOptions,
  writer: LineWriter,
): Promise<number> {
  const { renderTable } = await import("./table.js");
  let rows: TableRow[] = [];
  const rejected: Array<{ line: number; error: EarshotErrorCode }> = [];
  const countPerLevel = Object.fromEntries(URGENCIES.map((level) => [level, 0])) as Record<
    (typeof URGENCIES)[number],
    number
  >;
  const durations: number[] = [];
  const keepGravest = (): void => {
    rows.sort((a, b) => b.assessment.priority - a.assessment.priority || a.line - b.line);
    rows = rows.slice(0, options.top);
  };
  const { read, finish } = await createProgressRead(descriptor);
  const take = (result: LineResult): void => {
    if ("error" in result) {
      rejected.push(result);
      return;
    }
    countPerLevel[result.assessment.urgency] += 1;
    if (durations.length < 100_000) durations.push(result.nanoseconds);
    rows.push(result);
    if (rows.length > options.top * 2 + 1000) keepGravest();
  };
  try {
    for await (const result of scoreLines(read, triage, readOptions)) take(result);
  } finally {
    // A bar that is not stopped keeps the process alive.
    finish();
  }
  keepGravest();
  durations.sort((a, b) => a - b);
  const total = URGENCIES.reduce((sum, level) => sum + countPerLevel[level], 0);
  writer.writeLine(
    renderTable({
      rows,
      left: total - rows.length,
      rejected,
      countPerLevel,
      medianMicroseconds: (durations[durations.length >> 1] ?? 0) / 1000,
      colour: options.color && process.stdout.isTTY && !process.env.NO_COLOR,
      showPreview: readOptions.previewCharacters > 0,
    }),
  );
  writer.flush();
  return rejected.length > 0 ? EXIT.rejected : EXIT.done;
}

/** A progress bar on standard error for input whose length is known and that takes a while. */
async function createProgressRead(
  descriptor: number,
): Promise<{ read: ReturnType<typeof createRead>; finish: () => void }> {
  const read = createRead(descriptor);
  const size = fstatSync(descriptor).size;
  if (!process.stderr.isTTY || size < 1_000_000) return { read, finish: () => {} };
  const { SingleBar, Presets } = await import("cli-progress");
  const bar = new SingleBar(
    { stream: process.stderr, format: "{bar} {percentage}% {eta_formatted}" },
    Presets.shades_classic,
  );
  bar.start(size, 0);
  return {
    read: (into, start, length) => {
      const count = read(into, start, length);
      bar.increment(count);
      return count;
    },
    finish: () => bar.stop(),
  };
}
