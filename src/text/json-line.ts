import { EarshotError, type EarshotErrorCode } from "../errors.js";
import { expectEnd, peekKind, readObject, skipNumber, skipValue } from "./json-scanner.js";
import { type ByteSink, clearSink, createSink, type JsonScanner, ranOut, readString } from "./json-string.js";

const LONGEST_ID_BYTES = 256;
const LONGEST_NUMBER_OR_TIME_BYTES = 64;
const LONGEST_LANGUAGE_BYTES = 35;
const GREATEST_AGE_YEARS = 120;

const LINE_NAMES = ["text", "id", "language", "country", "age", "conversation", "at"] as const;
/** With what only a turn of a conversation has; in any other line these have no meaning. */
const NAMES = [...LINE_NAMES, "speaker", "state"] as const;
const ROLES = ["person", "counsellor", "other"] as const;
const encoder = new TextEncoder();
const NAME_BYTES = NAMES.map((name) => encoder.encode(name));
type Name = (typeof NAMES)[number];
type MetadataName = Exclude<Name, "text" | "state">;

/** What a line says beside its text. A field that is absent or null is left out. */
export interface JsonLineFields {
  /** At most 256 bytes; an integer is taken over as it is written. */
  id?: string;
  /** BCP 47 tag, as written. */
  language?: string;
  /** Two letters, upper case. */
  country?: string;
  /** Whole years, 0 to 120. */
  age?: number;
  /** At most 256 bytes. */
  conversation?: string;
  /** A time as the caller wrote it, unchecked; a string has at most 64 bytes. */
  at?: number | string;
  /** Of a turn: who wrote it, by role or by a number from 0. */
  speaker?: (typeof ROLES)[number] | number;
}

/** What was found in one line. */
export interface JsonLineResult {
  readonly fields: JsonLineFields;
  /** Bytes of the text that were written. */
  readonly textLength: number;
  /** Whether the text was longer than its buffer, or the line was cut so that more may have followed. */
  readonly textTruncated: boolean;
  /** Fields that have no meaning here and were skipped. */
  readonly unknownFields: number;
}

// Only names and metadata come here, never the text; it is wiped after each of them.
const short = createSink(new Uint8Array(LONGEST_ID_BYTES));
const ignored = createSink(new Uint8Array(0));

/**
 * Reads one line, a JSON object (RFC 8259) in `bytes[start..end)`, and writes its text as UTF-8 to the start of `text`.
 * Bytes of the text that are not UTF-8 pass as they are, so that a message from a broken client is still scored; lone
 * surrogates become U+FFFD. Arrays and objects nested deeper than 64 count as no JSON.
 *
 * `truncatedLine` says that the line went on after `end`: what was read of the text is then returned, not a failure.
 *
 * Throws LINE_NOT_JSON, LINE_NOT_UTF8 (outside the text), FIELD_INVALID, FIELD_DUPLICATE, TEXT_NOT_STRING, TEXT_MISSING
 * and LINE_TOO_LONG (cut before the text); what was written to `text` is then wiped. LINE_NOT_JSON outweighs what is
 * wrong with a field, and among fields the first counts.
 *
 * @param state takes the `state` of a turn of a conversation, as it is written; with it, `speaker` is read too
 */
export function readJsonLine(
  bytes: Uint8Array,
  start: number,
  end: number,
  truncatedLine: boolean,
  text: Uint8Array,
  state?: ByteSink,
): JsonLineResult {
  const scanner: JsonScanner = { bytes, position: start, end, cut: truncatedLine };
  const textSink = createSink(text);
  const fields: JsonLineFields = {};
  const seen = new Set<Name>();
  let unknownFields = 0;
  let textEnded = false;
  let fault: EarshotErrorCode | undefined;

  function readField(): void {
    const name = findName(short, state === undefined ? LINE_NAMES.length : NAMES.length);
    if (short.illFormed) fault ??= "LINE_NOT_UTF8";
    clearSink(short);
    if (name === undefined) {
      unknownFields++;
      skipField();
    } else if (seen.has(name)) {
      fault ??= "FIELD_DUPLICATE";
      skipField();
    } else {
      seen.add(name);
      if (name === "text") readText();
      else if (name === "state") readMetadata(name, state ?? short);
      else readMetadata(name, short);
    }
  }

  function skipField(): void {
    skipValue(scanner, 1, ignored);
    if (ignored.illFormed) fault ??= "LINE_NOT_UTF8";
  }

  function readText(): void {
    if (peekKind(scanner) === "string") {
      readString(scanner, textSink);
      textEnded = true;
    } else {
      skipField();
      fault ??= "TEXT_NOT_STRING";
    }
  }

  function readMetadata(name: Exclude<Name, "text">, sink: ByteSink): void {
    const kind = peekKind(scanner);
    if (kind === "string") {
      readString(scanner, sink);
      if (sink.illFormed) fault ??= "LINE_NOT_UTF8";
      else if (sink.overflowed || !(name === "state" || setFromString(fields, name, sink))) fault ??= "FIELD_INVALID";
      if (sink === short) clearSink(short);
    } else if (kind === "number") {
      const from = scanner.position;
      skipNumber(scanner);
      const isSet = name !== "state" && setFromNumber(fields, name, bytes, from, scanner.position);
      if (!isSet) fault ??= "FIELD_INVALID";
    } else {
      skipField();
      if (kind !== "null") fault ??= "FIELD_INVALID";
    }
  }

  try {
    readObject(scanner, 1, short, readField);
    expectEnd(scanner);
  } catch {
    if (!ranOut(scanner)) fault = "LINE_NOT_JSON";
    else if (!textEnded && textSink.length === 0) fault ??= "LINE_TOO_LONG";
  } finally {
    clearSink(short);
    clearSink(ignored);
  }
  if (!seen.has("text")) fault ??= "TEXT_MISSING";
  if (fault !== undefined) {
    clearSink(textSink);
    if (state !== undefined) clearSink(state);
    throw new EarshotError(fault);
  }
  return { fields, textLength: textSink.length, textTruncated: truncatedLine || textSink.overflowed, unknownFields };
}

/** The name among the first `count` of all. */
function findName(key: ByteSink, count: number): Name | undefined {
  return NAMES.find((_, index) => index < count && isEqual(NAME_BYTES[index], key));
}

/** Whether a sink holds this name. */
export function isEqual(name: Uint8Array, key: ByteSink): boolean {
  if (name.length !== key.length) return false;
  for (let index = 0; index < name.length; index++) if (name[index] !== key.bytes[index]) return false;
  return true;
}

/** Takes a decoded string over; false when the field cannot have it. */
function setFromString(fields: JsonLineFields, name: MetadataName, { bytes, length }: ByteSink): boolean {
  if (name === "age") return false;
  if (name === "language" && !isLanguageTag(bytes, length)) return false;
  if (name === "country" && !(length === 2 && isLetter(bytes[0]) && isLetter(bytes[1]))) return false;
  if (name === "at" && length > LONGEST_NUMBER_OR_TIME_BYTES) return false;
  const value = metadataString(bytes, 0, length);
  if (name === "speaker") {
    const role = ROLES.find((one) => one === value);
    if (role !== undefined) fields.speaker = role;
    return role !== undefined;
  }
  fields[name] = name === "country" ? value.toUpperCase() : value;
  return true;
}

/** Takes the number in `bytes[from..to)` over; false when the field cannot have it. */
function setFromNumber(
  fields: JsonLineFields,
  name: MetadataName,
  bytes: Uint8Array,
  from: number,
  to: number,
): boolean {
  if (to - from > LONGEST_NUMBER_OR_TIME_BYTES) return false;
  const written = metadataString(bytes, from, to);
  const value = Number(written);
  if (name === "id") {
    for (let index = from; index < to; index++) if (isDotOrExponent(bytes[index])) return false;
    fields.id = written;
  } else if (name === "age") {
    if (!(value >= 0 && value <= GREATEST_AGE_YEARS)) return false;
    // Adding 0 turns -0, which JSON can write, into 0.
    fields.age = Math.floor(value) + 0;
  } else if (name === "at") {
    if (!Number.isFinite(value)) return false;
    fields.at = value;
  } else if (name === "speaker") {
    // As many as `Conversation.assess` takes.
    if (!(Number.isInteger(value) && value >= 0 && value < Number.MAX_SAFE_INTEGER)) return false;
    fields.speaker = value + 0;
  } else return false;
  return true;
}

function isDotOrExponent(byte: number): boolean {
  return byte === 0x2e || (byte | 0x20) === 0x65;
}

function isLetter(byte: number): boolean {
  return (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
}

/** Letters and digits in groups of 1 to 8 between hyphens, the first of letters only (RFC 5646, section 2.1, simplified). */
function isLanguageTag(bytes: Uint8Array, length: number): boolean {
  if (length < 2 || length > LONGEST_LANGUAGE_BYTES) return false;
  let groupStart = 0;
  for (let index = 0; index <= length; index++) {
    if (index === length || bytes[index] === 0x2d) {
      if (index === groupStart || index - groupStart > 8) return false;
      groupStart = index + 1;
    } else if (!isLetter(bytes[index])) {
      const isDigit = bytes[index] >= 0x30 && bytes[index] <= 0x39;
      if (groupStart === 0 || !isDigit) return false;
    }
  }
  return true;
}

/** Makes a string of well-formed UTF-8: of metadata only, and by hand, so that no decoder ever stands near the text. */
export function metadataString(bytes: Uint8Array, start: number, end: number): string {
  let result = "";
  for (let index = start; index < end; ) {
    const lead = bytes[index++];
    let following = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    let codePoint = following === 0 ? lead : lead & (0x3f >> following);
    for (; following > 0; following--) codePoint = (codePoint << 6) | (bytes[index++] & 0x3f);
    result += String.fromCodePoint(codePoint);
  }
  return result;
}
