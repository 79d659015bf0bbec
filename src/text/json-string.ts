import { EarshotError } from "../errors.js";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
const REPLACEMENT_CHARACTER = 0xfffd;
const HIGH_SURROGATE = 0xd800;
const LOW_SURROGATE = 0xdc00;
const LAST_SURROGATE = 0xdfff;
/** High bits of the first byte of a UTF-8 sequence, by its length. */
const LEAD_BITS = [0, 0, 0xc0, 0xe0, 0xf0] as const;

/** By the letter after the backslash, the byte that it stands for; 0 where JSON has no such escape. */
const ESCAPES = new Uint8Array(256);
for (const pair of ['""', "\\\\", "//", "b\b", "f\f", "n\n", "r\r", "t\t"]) {
  ESCAPES[pair.charCodeAt(0)] = pair.charCodeAt(1);
}

/** A place in the bytes of one JSON text. */
export interface JsonScanner {
  readonly bytes: Uint8Array;
  /** Offset of the next byte. */
  position: number;
  /** Offset after the last byte; nothing at or after it is read. */
  readonly end: number;
  /** Whether the JSON text goes on after `end`, where it cannot be read. */
  readonly cut: boolean;
}

/** Where the decoded bytes of a string go. */
export interface ByteSink {
  readonly bytes: Uint8Array;
  /** Bytes written. */
  length: number;
  /** Whether the string was longer than `bytes`; what is here ends before the first character that did not fit. */
  overflowed: boolean;
  /** Whether the string held bytes that are not UTF-8; they were copied as they are. */
  illFormed: boolean;
}

/** Makes a sink over a buffer; with an empty buffer it only checks. */
export function createSink(bytes: Uint8Array): ByteSink {
  return { bytes, length: 0, overflowed: false, illFormed: false };
}

/** Wipes what a sink holds and makes it ready for the next string. */
export function clearSink(sink: ByteSink): void {
  sink.bytes.fill(0, 0, sink.length);
  sink.length = 0;
  sink.overflowed = false;
  sink.illFormed = false;
}

/** Whether a failure came from reaching the cut, not from a byte that is wrong. */
export function ranOut(scanner: JsonScanner): boolean {
  return scanner.cut && scanner.position >= scanner.end;
}

/** Throws LINE_NOT_JSON, or LINE_TOO_LONG when the scanner ran into the cut. */
export function fail(scanner: JsonScanner): never {
  throw new EarshotError(ranOut(scanner) ? "LINE_TOO_LONG" : "LINE_NOT_JSON");
}

/** For input that ends inside something: the rest counts as read, so that a cut is told from a fault. */
export function failAtEnd(scanner: JsonScanner): never {
  scanner.position = scanner.end;
  fail(scanner);
}

/** The byte at the position, -1 at the end. */
export function current(scanner: JsonScanner): number {
  return scanner.position < scanner.end ? scanner.bytes[scanner.position] : -1;
}

/**
 * Appends the string at the position to a sink, with its escapes resolved: a lone surrogate becomes U+FFFD as in
 * `TextEncoder`, bytes that are not UTF-8 stay as they are. A character that the end cuts in two is left out.
 * Throws as `fail` does.
 */
export function readString(scanner: JsonScanner, sink: ByteSink): void {
  if (current(scanner) !== QUOTE) fail(scanner);
  scanner.position++;
  for (;;) {
    readPlain(scanner, sink);
    const byte = current(scanner);
    if (byte === BACKSLASH) readEscape(scanner, sink);
    else if (byte >= 0x80) readSequence(scanner, sink);
    else if (byte === QUOTE) break;
    else fail(scanner);
  }
  scanner.position++;
}

/** Copies ASCII characters up to the first byte that needs a closer look. */
function readPlain(scanner: JsonScanner, sink: ByteSink): void {
  const { bytes, position: start, end } = scanner;
  const { bytes: target, length: written } = sink;
  // Almost all bytes pass here, so the loops stay on local variables.
  let position = start;
  for (; position < end; position++) {
    const byte = bytes[position];
    if (byte < 0x20 || byte >= 0x80 || byte === QUOTE || byte === BACKSLASH) break;
  }
  const count = position - start;
  const fitting = sink.overflowed ? 0 : Math.min(count, target.length - written);
  for (let offset = 0; offset < fitting; offset++) target[written + offset] = bytes[start + offset];
  sink.length += fitting;
  if (fitting < count) sink.overflowed = true;
  scanner.position = position;
}

/** Whether `count` more bytes fit. After the first that did not, none does: later text must not close the gap. */
function reserve(sink: ByteSink, count: number): boolean {
  if (sink.length + count > sink.bytes.length) sink.overflowed = true;
  return !sink.overflowed;
}

function put(sink: ByteSink, byte: number): void {
  if (reserve(sink, 1)) sink.bytes[sink.length++] = byte;
}

function putCodePoint(sink: ByteSink, codePoint: number): void {
  if (codePoint < 0x80) {
    put(sink, codePoint);
    return;
  }
  const count = codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
  if (!reserve(sink, count)) return;
  sink.bytes[sink.length++] = LEAD_BITS[count] | (codePoint >> (6 * (count - 1)));
  for (let left = count - 2; left >= 0; left--) sink.bytes[sink.length++] = 0x80 | ((codePoint >> (6 * left)) & 0x3f);
}

function readSequence(scanner: JsonScanner, sink: ByteSink): void {
  const wellFormed = sequenceLength(scanner);
  if (wellFormed === 0) sink.illFormed = true;
  const count = wellFormed || 1;
  if (scanner.position + count > scanner.end) failAtEnd(scanner);
  if (reserve(sink, count)) {
    for (let offset = 0; offset < count; offset++) sink.bytes[sink.length++] = scanner.bytes[scanner.position + offset];
  }
  scanner.position += count;
}

/** Bytes of the UTF-8 sequence at the position, as if whole when the end cuts it; 0 if ill-formed (Unicode, table 3-7). */
function sequenceLength({ bytes, position, end }: JsonScanner): number {
  const lead = bytes[position];
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  let lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  let highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  for (let index = position + 1; index < position + length && index < end; index++) {
    if (bytes[index] < lowest || bytes[index] > highest) return 0;
    lowest = 0x80;
    highest = 0xbf;
  }
  return length;
}

function readEscape(scanner: JsonScanner, sink: ByteSink): void {
  scanner.position++;
  const letter = current(scanner);
  if (letter === LETTER_U) {
    putCodePoint(sink, readEscapedCodePoint(scanner));
    return;
  }
  if (letter < 0 || ESCAPES[letter] === 0) fail(scanner);
  put(sink, ESCAPES[letter]);
  scanner.position++;
}

/** Reads `uXXXX` and, after a high surrogate, the low one that belongs to it. */
function readEscapedCodePoint(scanner: JsonScanner): number {
  const unit = readCodeUnit(scanner);
  if (unit < HIGH_SURROGATE || unit > LAST_SURROGATE) return unit;
  const { bytes, position: after, end } = scanner;
  // A quote and a brace must still follow; without them a pair that the cut parts would pass for a lone surrogate.
  if (after + 2 > end) failAtEnd(scanner);
  if (unit < LOW_SURROGATE && bytes[after] === BACKSLASH && bytes[after + 1] === LETTER_U) {
    scanner.position++;
    const low = readCodeUnit(scanner);
    if (low >= LOW_SURROGATE && low <= LAST_SURROGATE) {
      return 0x10000 + ((unit - HIGH_SURROGATE) << 10) + (low - LOW_SURROGATE);
    }
    scanner.position = after;
  }
  return REPLACEMENT_CHARACTER;
}

/** Reads `uXXXX`. */
function readCodeUnit(scanner: JsonScanner): number {
  let unit = 0;
  for (let count = 0; count < 4; count++) {
    scanner.position++;
    const digit = hexadecimalDigit(current(scanner));
    if (digit < 0) fail(scanner);
    unit = unit * 16 + digit;
  }
  scanner.position++;
  return unit;
}

function hexadecimalDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lowerCase = byte | 0x20;
  return lowerCase >= 0x61 && lowerCase <= 0x66 ? lowerCase - 0x61 + 10 : -1;
}
