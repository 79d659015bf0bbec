import { closeSync, openSync } from "node:fs";
import { EarshotError } from "../errors.js";
import { evaluate as measure } from "../evaluation/evaluate.js";
import type { LabelledAssessment } from "../evaluation/observations.js";
import type { EvaluationReport } from "../evaluation/report.js";
import { renderEvaluationText } from "../evaluation/report-text.js";
import { createTriage, type Triage } from "../triage.js";
import { createRejection, type LabelledLine, scoreLabelledFiles } from "./labelled-lines.js";
import { openModelOption } from "./model-option.js";
import { writeResult } from "./output-file.js";
import { readPolicyFile } from "./policy-file.js";
import { EXIT } from "./score.js";
import { createLineWriter } from "./streams.js";

/** Options of `earshot evaluate`, as the command line gives them. */
export interface EvaluateCommandOptions {
  readonly format: "text" | "json";
  readonly output?: string;
  readonly html?: string;
  readonly errors?: string;
  readonly policy?: string;
  readonly pack?: string;
  readonly model?: string;
  readonly identifyLanguage?: boolean;
  readonly seed: number;
  readonly resamples: number;
}

/**
 * Scores labelled files and writes how well that went; returns the exit code.
 *
 * @throws EarshotError `DATA_TOO_FEW` when no line could be measured, and as `createTriage` and the writing of files do
 */
export async function evaluate(paths: readonly string[], options: EvaluateCommandOptions): Promise<number> {
  const triage = await createTriage({
    ...(options.pack !== undefined && { pack: options.pack }),
    ...(await openModelOption(options.model)),
    ...(options.policy !== undefined && { policy: readPolicyFile(options.policy) }),
  });
  const rejection = createRejection(createLineWriter(2));
  const lines = scoreLabelledFiles(paths, triage, {
    identifyLanguage: options.identifyLanguage ?? false,
    onRejected: rejection.onRejected,
  });
  const report = await measureLines(lines, triage, options);
  const rejected = rejection.count();
  if (report.lines === 0) throw new EarshotError("DATA_TOO_FEW", { lines: 0, rejected, needed: 1 });
  await write({ ...report, rejected }, options);
  return rejected > 0 ? EXIT.rejected : EXIT.done;
}

async function measureLines(
  lines: AsyncIterable<LabelledLine>,
  triage: Triage,
  { errors, seed, resamples }: EvaluateCommandOptions,
): Promise<EvaluationReport> {
  const file = errors === undefined ? undefined : openOutput(errors);
  const misses = file === undefined ? undefined : createLineWriter(file);
  try {
    const report = await measure(
      watchLines(lines, (line) => {
        const miss = toMiss(line);
        if (miss !== undefined) misses?.writeLine(JSON.stringify(miss));
      }),
      { seed, resamples },
    );
    misses?.flush();
    return report;
  } finally {
    if (file !== undefined) closeSync(file);
    await triage.close();
  }
}

async function* watchLines(
  lines: AsyncIterable<LabelledLine>,
  watch: (line: LabelledLine) => void,
): AsyncGenerator<LabelledAssessment, void, undefined> {
  for await (const line of lines) {
    watch(line);
    yield line.labelled;
  }
}

/** What is written of a line that was given another level than the true one: enough to find it in one's own file. */
function toMiss({ file, line, labelled: { urgency, assessment } }: LabelledLine): object | undefined {
  if (urgency === undefined || urgency === assessment.urgency) return undefined;
  const immediate = assessment.scores?.urgency.immediate ?? null;
  return { file, line, trueLevel: urgency, level: assessment.urgency, immediate };
}

async function write(report: EvaluationReport, { format, output, html }: EvaluateCommandOptions): Promise<void> {
  writeResult(format === "json" ? `${JSON.stringify(report)}\n` : renderEvaluationText(report), output);
  if (html === undefined) return;
  // Drawing is loaded only for those who want a page.
  const { renderEvaluationHtml } = await import("../evaluation/report-html.js");
  writeResult(renderEvaluationHtml(report), html);
}

function openOutput(path: string): number {
  try {
    return openSync(path, "w");
  } catch {
    throw new EarshotError("OUTPUT_FAILED");
  }
}
