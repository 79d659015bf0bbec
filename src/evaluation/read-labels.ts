import { EarshotError, type EarshotErrorCode } from "../errors.js";
import { CATEGORIES, SIGNALS, URGENCIES } from "../labels.js";
import { peekKind, readObject, skipValue } from "../text/json-scanner.js";
import {
  type ByteSink,
  clearSink,
  createSink,
  current,
  fail,
  type JsonScanner,
  readString,
} from "../text/json-string.js";
import type { TrueLabels } from "./observations.js";

const LONGEST_SLICE_BYTES = 64;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;

/** What a line says of what is right about its message. */
export type LineLabels = Omit<TrueLabels, "language">;
type Field = keyof LineLabels;

const encoder = new TextEncoder();
const encode = <Name extends string>(names: readonly Name[]): ReadonlyArray<readonly [Name, Uint8Array]> =>
  names.map((name) => [name, encoder.encode(name)]);
const FIELDS = encode<Field>(["urgency", "categories", "signals", "slice"]);
const URGENCY_BYTES = encode(URGENCIES);
const CATEGORY_BYTES = encode(CATEGORIES);
const SIGNAL_BYTES = encode(SIGNALS);

/**
 * Reads the labels of one line, a JSON object in `bytes[start..end)` that `readJsonLine` could read, by the same scanner:
 * the text is passed over and no string is made of it. A field that is null counts as absent.
 *
 * @throws EarshotError `LABELS_MISSING` when there is none of the three kinds, `LABEL_INVALID` for a label that is none or
 *   a slice that is not 1 to 64 of a-z, 0-9 and -, `FIELD_DUPLICATE`, `LINE_NOT_JSON`
 */
export function readLabels(bytes: Uint8Array, start: number, end: number): LineLabels {
  const scanner: JsonScanner = { bytes, position: start, end, cut: false };
  const short = createSink(new Uint8Array(LONGEST_SLICE_BYTES));
  const ignored = createSink(new Uint8Array(0));
  const seen = new Set<Field>();
  const labels: { -readonly [Name in keyof LineLabels]: LineLabels[Name] } = {};
  let fault: EarshotErrorCode | undefined;

  const readShort = (): boolean => {
    clearSink(short);
    if (peekKind(scanner) !== "string") {
      skipValue(scanner, 1, ignored);
      return false;
    }
    readString(scanner, short);
    return !short.overflowed;
  };
  const readList = <Name>(names: ReadonlyArray<readonly [Name, Uint8Array]>): Name[] | undefined => {
    const found = new Set<Name>();
    let isValid = true;
    for (let first = true; ; first = false) {
      scanner.position += 1;
      if (first && peekKind(scanner) === "other" && current(scanner) === CLOSE_BRACKET) break;
      const name = readShort() ? findName(names, short) : undefined;
      if (name === undefined) isValid = false;
      else found.add(name);
      peekKind(scanner);
      if (current(scanner) === CLOSE_BRACKET) break;
      if (current(scanner) !== COMMA) fail(scanner);
    }
    scanner.position += 1;
    return isValid ? [...found] : undefined;
  };
  const readField = (): void => {
    const field = short.overflowed ? undefined : findName(FIELDS, short);
    const kind = peekKind(scanner);
    if (field !== undefined && seen.has(field)) fault ??= "FIELD_DUPLICATE";
    if (field === undefined || seen.has(field) || kind === "null") {
      if (field !== undefined) seen.add(field);
      skipValue(scanner, 1, ignored);
      return;
    }
    seen.add(field);
    let value: unknown;
    if (field === "urgency") value = readShort() ? findName(URGENCY_BYTES, short) : undefined;
    else if (field === "slice") value = readShort() ? sliceOf(short) : undefined;
    else if (current(scanner) !== OPEN_BRACKET) skipValue(scanner, 1, ignored);
    else value = field === "categories" ? readList(CATEGORY_BYTES) : readList(SIGNAL_BYTES);
    if (value === undefined) fault ??= "LABEL_INVALID";
    else Object.assign(labels, { [field]: value });
  };

  try {
    readObject(scanner, 1, short, () => {
      readField();
      clearSink(short);
    });
  } finally {
    clearSink(short);
  }
  const { urgency, categories, signals } = labels;
  if (urgency === undefined && categories === undefined && signals === undefined) fault ??= "LABELS_MISSING";
  if (fault !== undefined) throw new EarshotError(fault);
  return labels;
}

function findName<Name>(
  names: ReadonlyArray<readonly [Name, Uint8Array]>,
  { bytes, length }: ByteSink,
): Name | undefined {
  return names.find(([, name]) => name.length === length && name.every((byte, index) => byte === bytes[index]))?.[0];
}

/** A name that the user of the data chose, so that it may become a string; undefined when it is none. */
function sliceOf({ bytes, length }: ByteSink): string | undefined {
  const characters = bytes.subarray(0, length);
  const isName = (byte: number): boolean =>
    (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x2d;
  return length > 0 && characters.every(isName) ? String.fromCharCode(...characters) : undefined;
}
