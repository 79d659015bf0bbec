import { EarshotError, type EarshotErrorCode, isEarshotError } from "../errors.js";
import { readJsonLine } from "../text/json-line.js";
import { createLineReader, type ReadBytes } from "../text/lines.js";
import { type AssessOptions, MAXIMUM_TEXT_BYTES, type Triage } from "../triage.js";
import type { Assessment } from "../types.js";

/** What came of one line of input. */
export type LineResult =
  | { readonly line: number; readonly assessment: Assessment; readonly nanoseconds: number; readonly preview?: string }
  | { readonly line: number; readonly error: EarshotErrorCode };

/** How lines are read. */
export interface ReadOptions {
  /** Each line is the text itself, not a JSON object. */
  readonly plainLines: boolean;
  /** What holds for every message, where its line does not say otherwise. */
  readonly context: AssessOptions;
  /** Characters of each text to return; 0 for none, as it should be. */
  readonly previewCharacters: number;
}

/**
 * Scores every line and yields its result in order, one line in memory at a time. A line's bytes are wiped before its
 * result is handed out.
 */
export async function* scoreLines(
  read: ReadBytes,
  triage: Triage,
  options: ReadOptions,
): AsyncGenerator<LineResult, void, undefined> {
  const reader = createLineReader(read);
  const text = options.plainLines ? undefined : new Uint8Array(MAXIMUM_TEXT_BYTES);
  try {
    while (reader.next()) yield await scoreLine(reader.line, reader.wipeLine, text, triage, options);
  } finally {
    reader.close();
    text?.fill(0);
  }
}

async function scoreLine(
  line: {
    readonly bytes: Uint8Array;
    readonly start: number;
    readonly end: number;
    readonly number: number;
    readonly truncated: boolean;
  },
  wipeLine: () => void,
  text: Uint8Array | undefined,
  triage: Triage,
  options: ReadOptions,
): Promise<LineResult> {
  const { bytes, start, end, number, truncated } = line;
  let used = 0;
  try {
    let context = options.context;
    let cut = truncated;
    if (text !== undefined) {
      const { fields, textLength, textTruncated } = readJsonLine(bytes, start, end, truncated, text);
      const { id, language, country, age } = fields;
      used = textLength;
      cut = textTruncated;
      context = {
        ...context,
        ...(id !== undefined && { id }),
        ...(language !== undefined && { language }),
        ...(country !== undefined && { country }),
        ...(age !== undefined && { age }),
      };
    }
    const [source, from, to] = text === undefined ? [bytes, start, end] : [text, 0, used];
    const begun = process.hrtime.bigint();
    const assessment = await triage.assessBytes(source, from, to, context, cut);
    const nanoseconds = Number(process.hrtime.bigint() - begun);
    const preview = options.previewCharacters > 0 ? previewOf(source, from, to, options.previewCharacters) : undefined;
    return { line: number, assessment, nanoseconds, ...(preview !== undefined && { preview }) };
  } catch (error) {
    return { line: number, error: isEarshotError(error) ? error.code : new EarshotError("INTERNAL").code };
  } finally {
    text?.fill(0, 0, used);
    wipeLine();
  }
}

/** The first characters, for a person who asked to see them; control characters would steer the terminal. */
function previewOf(source: Uint8Array, start: number, end: number, characters: number): string {
  const bytes = Buffer.from(source.buffer, source.byteOffset + start, Math.min(end - start, characters * 4));
  return withoutControls([...bytes.toString("utf8")].slice(0, characters).join(""));
}

/** Replaces what would steer a terminal. */
export function withoutControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ");
}
