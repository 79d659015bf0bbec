import { EarshotError, type EarshotErrorCode, isEarshotError } from "../errors.js";
import type { LabelledAssessment } from "../evaluation/observations.js";
import { readLabels } from "../evaluation/read-labels.js";
import { readJsonLine } from "../text/json-line.js";
import { createLineReader, type Line } from "../text/lines.js";
import { MAXIMUM_TEXT_BYTES, type Triage } from "../triage.js";
import { closeInput, createRead, type LineWriter, openInput } from "./streams.js";

/** One line of a labelled file that could be read. */
export interface LabelledLine {
  /** Place of the file among those that were named, from 1. */
  readonly file: number;
  /** From 1. */
  readonly line: number;
  readonly labelled: LabelledAssessment;
}

/** How labelled files are read. */
export interface LabelledOptions {
  /** Identify the language of each message although its line states one, which then only names its group. */
  readonly identifyLanguage: boolean;
  /** Called for each line that cannot be read; the next one follows. */
  readonly onRejected: (file: number, line: number, error: EarshotErrorCode) => void;
}

/**
 * Reads labelled messages from files, one line in memory at a time, and scores each from its bytes, as `earshot score`
 * does. Text and line are wiped before a result is handed out.
 *
 * @throws EarshotError `FILE_NOT_READABLE`
 */
export async function* scoreLabelledFiles(
  paths: readonly string[],
  triage: Triage,
  options: LabelledOptions,
): AsyncGenerator<LabelledLine, void, undefined> {
  const text = new Uint8Array(MAXIMUM_TEXT_BYTES);
  for (const [index, path] of paths.entries()) {
    const descriptor = openInput(path);
    const reader = createLineReader(createRead(descriptor));
    try {
      while (reader.next()) {
        const line = reader.line.number;
        const result = await scoreLine(reader.line, text, triage, options.identifyLanguage);
        reader.wipeLine();
        if (typeof result === "string") options.onRejected(index + 1, line, result);
        else yield { file: index + 1, line, labelled: result };
      }
    } finally {
      reader.close();
      closeInput(descriptor);
    }
  }
}

async function scoreLine(
  { bytes, start, end, truncated }: Line,
  text: Uint8Array,
  triage: Triage,
  identifyLanguage: boolean,
): Promise<LabelledAssessment | EarshotErrorCode> {
  let used = 0;
  try {
    // Of a line that was cut nobody knows all labels.
    if (truncated) throw new EarshotError("LINE_TOO_LONG");
    const { fields, textLength, textTruncated } = readJsonLine(bytes, start, end, truncated, text);
    used = textLength;
    const { id, language, country, age } = fields;
    const context = {
      ...(id !== undefined && { id }),
      ...(language !== undefined && !identifyLanguage && { language }),
      ...(country !== undefined && { country }),
      ...(age !== undefined && { age }),
    };
    const assessment = await triage.assessBytes(text, 0, used, context, textTruncated);
    const labels = readLabels(bytes, start, end);
    return { ...labels, ...(language !== undefined && { language }), assessment };
  } catch (error) {
    return isEarshotError(error) ? error.code : "INTERNAL";
  } finally {
    text.fill(0, 0, used);
  }
}

/** Writes the numbers and code of a line that could not be read. */
export function createRejection(writer: LineWriter): {
  readonly onRejected: LabelledOptions["onRejected"];
  readonly count: () => number;
} {
  let count = 0;
  return {
    onRejected: (file, line, error) => {
      count += 1;
      writer.writeLine(JSON.stringify({ file, line, error }));
      writer.flush();
    },
    count: () => count,
  };
}
