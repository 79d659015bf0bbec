import { readFileSync, realpathSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { BenchmarkReport, QualityReport } from "../benchmark/report.js";
import { renderBenchmarkText } from "../benchmark/report-text.js";
import { runBenchmark } from "../benchmark/run-benchmark.js";
import { sampleMessages, type TextSet } from "../benchmark/sample-messages.js";
import { EarshotError } from "../errors.js";
import type { EvaluationReport } from "../evaluation/report.js";
import { bundledFolder } from "../model/pack.js";
import { readJsonLine } from "../text/json-line.js";
import { createLineReader } from "../text/lines.js";
import { MAXIMUM_TEXT_BYTES } from "../triage.js";
import type { SubjectKind } from "./bench-subjects.js";
import { writeResult } from "./output-file.js";
import { createProgress } from "./progress.js";
import { EXIT } from "./score.js";
import { closeInput, createRead, openInput } from "./streams.js";

/** Options of `earshot bench`, as the command line gives them. */
export interface BenchCommandOptions {
  readonly pack?: readonly string[];
  readonly model?: readonly string[];
  readonly words: readonly number[];
  readonly text?: string;
  readonly lines?: boolean;
  readonly rounds: number;
  readonly roundMs: number;
  readonly coldStarts: number;
  readonly cores?: number;
  readonly streams: number;
  readonly rate?: readonly number[];
  readonly latencyBoundMs: number;
  readonly seed: number;
  readonly quick?: boolean;
  readonly quality?: readonly string[];
  readonly format: "text" | "json";
  readonly output?: string;
  readonly html?: string;
}

/** Messages of each length: so many that no cache of the processor knows them all. */
const MESSAGES = 200;
/** The length on which the scenarios run, if it is among those that are measured. */
const SCENARIO_WORDS = 60;
const QUICK = { rounds: 3, roundMs: 60, coldStarts: 2 } as const;

/**
 * Measures what packs and outside models cost on this machine; returns the exit code.
 *
 * @throws EarshotError `FILE_NOT_READABLE`, `DATA_TOO_FEW` when a file has no message, and what a model failed with
 */
export async function bench(options: BenchCommandOptions): Promise<number> {
  const texts = readTexts(options);
  const scenario = texts.findIndex(({ name }) => name === `${SCENARIO_WORDS} words`);
  const quality = options.quality?.map(readQuality);
  const { onProgress, finish } = await createProgress();
  let report: BenchmarkReport;
  try {
    report = await runBenchmark({
      models: commands(options),
      texts,
      scenarioTexts: Math.max(0, scenario),
      rounds: options.rounds,
      roundMs: options.roundMs,
      coldStarts: options.coldStarts,
      cores: options.cores ?? availableParallelism(),
      streams: options.streams,
      rates: options.rate ?? [],
      latencyBoundMs: options.latencyBoundMs,
      seed: options.seed,
      ...(quality !== undefined && { quality }),
      ...(options.quick && QUICK),
      onProgress,
    });
  } finally {
    finish();
  }
  writeResult(options.format === "json" ? JSON.stringify(report) : renderBenchmarkText(report), options.output);
  if (options.html !== undefined) {
    // Drawing is loaded only for those who want a page.
    const { renderBenchmarkHtml } = await import("../benchmark/report-html.js");
    writeResult(renderBenchmarkHtml(report), options.html);
  }
  return EXIT.done;
}

/** One worker per model: of a pack all that is done for a message, and its first stage by itself. */
function commands({ pack, model = [] }: BenchCommandOptions): string[][] {
  const main = realpathSync(process.argv[1]);
  const command = (kind: SubjectKind, path: string): string[] => [process.execPath, main, "bench-worker", kind, path];
  // Without any model named, the bundled one.
  const folders = pack ?? (model.length === 0 ? [bundledFolder()] : []);
  return [
    ...folders.flatMap((folder) => [command("first-stage", folder), command("pack", folder)]),
    ...model.map((path) => command("model", path)),
  ];
}

function readTexts({ text, lines, words, seed }: BenchCommandOptions): readonly TextSet[] {
  if (text !== undefined) return [{ name: "own messages", messages: readMessages(text, lines ?? false) }];
  return words.map((count) => sampleMessages(count, MESSAGES, seed));
}

/** The messages of a file as `earshot score` reads it; lines that it would reject are left out. */
function readMessages(path: string, plainLines: boolean): readonly Uint8Array[] {
  const descriptor = openInput(path);
  const reader = createLineReader(createRead(descriptor));
  const messages: Uint8Array[] = [];
  const buffer = new Uint8Array(MAXIMUM_TEXT_BYTES);
  try {
    while (reader.next()) {
      const { bytes, start, end, truncated } = reader.line;
      const message = plainLines ? bytes.slice(start, end) : readText(bytes, start, end, truncated, buffer);
      if (message?.some((byte) => byte > 0x20)) messages.push(message);
      reader.wipeLine();
    }
  } finally {
    reader.close();
    closeInput(descriptor);
  }
  if (messages.length === 0) throw new EarshotError("DATA_TOO_FEW", { lines: 0, needed: 1 });
  return messages;
}

function readText(
  bytes: Uint8Array,
  start: number,
  end: number,
  truncated: boolean,
  buffer: Uint8Array,
): Uint8Array | undefined {
  try {
    const { textLength } = readJsonLine(bytes, start, end, truncated, buffer);
    const message = buffer.slice(0, textLength);
    buffer.fill(0, 0, textLength);
    return message;
  } catch {
    return undefined;
  }
}

/** What `earshot evaluate --format json` wrote of a model. */
function readQuality(path: string): QualityReport {
  try {
    const { pack, figures } = JSON.parse(readFileSync(path, "utf8")) as EvaluationReport;
    if (typeof pack === "string" && typeof figures === "object") return { model: pack, figures };
  } catch {
    // Refused below.
  }
  throw new EarshotError("FILE_NOT_READABLE");
}
