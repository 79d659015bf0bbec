import { EarshotError } from "../errors.js";

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

const DEFAULT_MAXIMUM_LINE_BYTES = 8 * 1024 * 1024;
const DEFAULT_BUFFER_BYTES = 64 * 1024;

/** One line in the reader's own buffer; valid until the next call of `next`, `wipeLine` or `close`. */
export interface Line {
  /** The buffer that holds the line; the reader owns it, wipes it and may replace it. */
  readonly bytes: Uint8Array;
  /** Offset of the first byte. */
  readonly start: number;
  /** Offset after the last byte, line ending not included. */
  readonly end: number;
  /** Position in the input, from 1. */
  readonly number: number;
  /** Whether the line was longer than the limit, so that only its beginning is here. */
  readonly truncated: boolean;
}

/** Pulls one line after the other out of a byte source. */
export interface LineReader {
  /** The line read last. The object is the same for every line. */
  readonly line: Line;
  /**
   * Wipes the line before and reads the next; false at the end of the input, after `close`, and when `read` has no more
   * yet: call it again then. Throws only what `read` throws.
   */
  next(): boolean;
  /** Wipes the current line and leaves it empty; lines already read ahead stay. */
  wipeLine(): void;
  /** Wipes everything; the reader cannot be used again. */
  close(): void;
}

/**
 * Fills `length` bytes or fewer of `into` from `start` on and returns how many; 0 at the end of the input, -1 when there
 * are no more yet, for a source that cannot wait.
 */
export type ReadBytes = (into: Uint8Array, start: number, length: number) => number;

/** Limits of a line reader. */
export interface LineReaderOptions {
  /** Bytes of a line that are kept, line ending not included; 8 MiB if left out. */
  readonly maximumLineBytes?: number;
  /** Size of the first buffer in bytes; 64 KiB if left out. It doubles when a line needs more. */
  readonly bufferBytes?: number;
}

/**
 * Splits a byte source into lines without making a string. LF and CRLF end a line, a byte order mark at the very start
 * is skipped, every other byte is content. The buffer never outgrows the line limit plus one read.
 * Throws INPUT_INVALID when a limit is not a positive integer.
 */
export function createLineReader(read: ReadBytes, options: LineReaderOptions = {}): LineReader {
  const { maximumLineBytes = DEFAULT_MAXIMUM_LINE_BYTES, bufferBytes = DEFAULT_BUFFER_BYTES } = options;
  for (const limit of [maximumLineBytes, bufferBytes]) {
    if (!Number.isSafeInteger(limit) || limit < 1) throw new EarshotError("INPUT_INVALID", { limit });
  }
  // Past the longest line there is room for CR LF and one read, so that the rest of a longer line is dropped in place.
  const largestBufferBytes = maximumLineBytes + 2 + bufferBytes;

  let buffer = new Uint8Array(bufferBytes);
  let lineStart = 0;
  let nextStart = 0;
  let filledEnd = 0;
  let dropping = false;
  let ended = false;
  let closed = false;
  /** Bytes of the unfinished line in which no line feed was found. */
  let scanned = 0;
  let isPastMark = false;
  const line = { bytes: buffer, start: 0, end: 0, number: 0, truncated: false };

  function wipeLine(): void {
    buffer.fill(0, lineStart, nextStart);
    lineStart = nextStart;
    line.end = line.start;
  }

  function makeRoom(): void {
    // What is dropped is read in large pieces, not in whatever the line left free.
    const needed = dropping ? bufferBytes : 1;
    if (nextStart === filledEnd) {
      nextStart = 0;
      filledEnd = 0;
    }
    if (buffer.length - filledEnd < needed && nextStart > 0) {
      buffer.copyWithin(0, nextStart, filledEnd);
      // copyWithin leaves the last bytes behind at their old place.
      buffer.fill(0, filledEnd - nextStart, filledEnd);
      filledEnd -= nextStart;
      nextStart = 0;
    }
    if (buffer.length - filledEnd < needed) {
      const larger = new Uint8Array(Math.min(buffer.length * 2, largestBufferBytes));
      larger.set(buffer);
      buffer.fill(0);
      buffer = larger;
    }
    lineStart = nextStart;
    line.bytes = buffer;
    line.start = nextStart;
    line.end = nextStart;
  }

  function readMore(): boolean {
    if (ended) return false;
    makeRoom();
    const count = read(buffer, filledEnd, buffer.length - filledEnd);
    ended = count === 0;
    if (count <= 0) return false;
    filledEnd += count;
    return true;
  }

  function skipByteOrderMark(): void {
    for (let index = 0; index < BYTE_ORDER_MARK.length; index++) {
      // Byte by byte: waiting for three bytes would hold back a first line that is shorter.
      if (nextStart + index === filledEnd && !readMore()) return;
      if (buffer[nextStart + index] !== BYTE_ORDER_MARK[index]) {
        isPastMark = true;
        return;
      }
    }
    nextStart += BYTE_ORDER_MARK.length;
    isPastMark = true;
    wipeLine();
  }

  function finishLine(contentEnd: number, following: number): true {
    const keptEnd = Math.min(contentEnd, nextStart + maximumLineBytes);
    line.bytes = buffer;
    line.start = nextStart;
    line.end = keptEnd;
    line.number++;
    line.truncated = dropping || keptEnd < contentEnd;
    lineStart = nextStart;
    nextStart = following;
    dropping = false;
    scanned = 0;
    return true;
  }

  function next(): boolean {
    wipeLine();
    if (closed) return false;
    if (!isPastMark) skipByteOrderMark();
    if (!isPastMark && !ended) return false;
    do {
      const found = buffer.subarray(nextStart + scanned, filledEnd).indexOf(LINE_FEED);
      if (found >= 0) {
        const lineFeed = nextStart + scanned + found;
        const isPair = !dropping && lineFeed > nextStart && buffer[lineFeed - 1] === CARRIAGE_RETURN;
        return finishLine(isPair ? lineFeed - 1 : lineFeed, lineFeed + 1);
      }
      // One byte over the limit may still be the CR of a CRLF.
      if (filledEnd - nextStart > maximumLineBytes + 1) dropping = true;
      if (dropping) {
        buffer.fill(0, nextStart + maximumLineBytes, filledEnd);
        filledEnd = nextStart + maximumLineBytes;
      }
      scanned = filledEnd - nextStart;
    } while (readMore());
    return ended && filledEnd > nextStart && finishLine(filledEnd, filledEnd);
  }

  function close(): void {
    buffer.fill(0);
    line.end = line.start;
    closed = true;
  }

  return { line, next, wipeLine, close };
}
