import { type ByteSink, current, fail, type JsonScanner, readString } from "./json-string.js";

const BYTE = {
  tab: 0x09,
  lineFeed: 0x0a,
  carriageReturn: 0x0d,
  space: 0x20,
  quote: 0x22,
  plus: 0x2b,
  comma: 0x2c,
  minus: 0x2d,
  dot: 0x2e,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
  upperE: 0x45,
  openBracket: 0x5b,
  closeBracket: 0x5d,
  lowerE: 0x65,
  f: 0x66,
  n: 0x6e,
  t: 0x74,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const;

/** Objects and arrays inside one another, the outermost included; RFC 8259 section 9 lets a parser set such a limit. */
const MAXIMUM_DEPTH = 64;

const encoder = new TextEncoder();
const TRUE = encoder.encode("true");
const FALSE = encoder.encode("false");
const NULL = encoder.encode("null");

/** What the next value is, by its first byte; `other` is an object, an array, `true`, `false` or no JSON at all. */
export type ValueKind = "string" | "number" | "null" | "other";

/** Skips white space and returns the byte after it, -1 at the end. */
function peek(scanner: JsonScanner): number {
  for (;;) {
    const byte = current(scanner);
    if (byte !== BYTE.space && byte !== BYTE.lineFeed && byte !== BYTE.carriageReturn && byte !== BYTE.tab) return byte;
    scanner.position++;
  }
}

function expectByte(scanner: JsonScanner, byte: number): void {
  if (peek(scanner) !== byte) fail(scanner);
  scanner.position++;
}

/** Skips white space and says what follows. */
export function peekKind(scanner: JsonScanner): ValueKind {
  const byte = peek(scanner);
  if (byte === BYTE.quote) return "string";
  if (byte === BYTE.minus || isDigit(byte)) return "number";
  return byte === BYTE.n ? "null" : "other";
}

/** Skips white space; throws LINE_NOT_JSON when anything else is left. */
export function expectEnd(scanner: JsonScanner): void {
  if (peek(scanner) !== -1) fail(scanner);
}

/**
 * Reads an object of the given depth, 1 for the outermost. When `readValue` is called, `key` holds the name of the member
 * (the callee clears it) and the value comes next. Throws as `fail` does.
 */
export function readObject(scanner: JsonScanner, depth: number, key: ByteSink, readValue: () => void): void {
  readList(scanner, depth, BYTE.openBrace, BYTE.closeBrace, () => {
    peek(scanner);
    readString(scanner, key);
    expectByte(scanner, BYTE.colon);
    readValue();
  });
}

/** Reads an array of the given depth. When `readItem` is called, the item comes next. Throws as `fail` does. */
export function readArray(scanner: JsonScanner, depth: number, readItem: () => void): void {
  readList(scanner, depth, BYTE.openBracket, BYTE.closeBracket, readItem);
}

function readList(scanner: JsonScanner, depth: number, open: number, close: number, readItem: () => void): void {
  expectByte(scanner, open);
  if (depth > MAXIMUM_DEPTH) fail(scanner);
  if (peek(scanner) === close) {
    scanner.position++;
    return;
  }
  readItem();
  while (peek(scanner) === BYTE.comma) {
    scanner.position++;
    readItem();
  }
  expectByte(scanner, close);
}

/**
 * Checks a value of any type inside a list of the given depth and moves past it. `ignored` is a sink over an empty
 * buffer that remembers ill-formed UTF-8. Throws as `fail` does.
 */
export function skipValue(scanner: JsonScanner, depth: number, ignored: ByteSink): void {
  const skipInside = () => skipValue(scanner, depth + 1, ignored);
  const byte = peek(scanner);
  if (byte === BYTE.quote) readString(scanner, ignored);
  else if (byte === BYTE.openBrace) readObject(scanner, depth + 1, ignored, skipInside);
  else if (byte === BYTE.openBracket) readList(scanner, depth + 1, byte, BYTE.closeBracket, skipInside);
  else if (byte === BYTE.t) skipLiteral(scanner, TRUE);
  else if (byte === BYTE.f) skipLiteral(scanner, FALSE);
  else if (byte === BYTE.n) skipLiteral(scanner, NULL);
  else skipNumber(scanner);
}

function skipLiteral(scanner: JsonScanner, literal: Uint8Array): void {
  for (const byte of literal) {
    if (current(scanner) !== byte) fail(scanner);
    scanner.position++;
  }
}

function isDigit(byte: number): boolean {
  return byte >= BYTE.zero && byte <= BYTE.nine;
}

function skipDigits(scanner: JsonScanner): void {
  if (!isDigit(current(scanner))) fail(scanner);
  while (isDigit(current(scanner))) scanner.position++;
}

/** Checks the number at the position and moves past it. Throws as `fail` does. */
export function skipNumber(scanner: JsonScanner): void {
  if (current(scanner) === BYTE.minus) scanner.position++;
  if (current(scanner) === BYTE.zero) scanner.position++;
  else skipDigits(scanner);
  if (current(scanner) === BYTE.dot) {
    scanner.position++;
    skipDigits(scanner);
  }
  if (current(scanner) === BYTE.lowerE || current(scanner) === BYTE.upperE) {
    scanner.position++;
    if (current(scanner) === BYTE.plus || current(scanner) === BYTE.minus) scanner.position++;
    skipDigits(scanner);
  }
  // The object around it is still open: at the end, a number is a fault or has lost digits to the cut.
  if (scanner.position >= scanner.end) fail(scanner);
}
