import { EarshotError } from "../errors.js";
import type { Pattern } from "./patterns.js";

/** Called for each place at which a pattern lies; `offset` in bytes from the start of what was searched. */
export type PatternVisitor = (pattern: Pattern, offset: number) => void;

/** Finds many patterns at once. */
export interface PatternIndex {
  /** Patterns that are looked for. */
  readonly size: number;
  /** Length of the longest pattern in bytes. */
  readonly longest: number;
  /**
   * Searches the first `length` bytes of `words`, which must hold one word more than that, and visits the matches
   * that begin before `limit`.
   */
  find(words: Int32Array, length: number, limit: number, visit: PatternVisitor): void;
}

/** Where a pattern shows itself: a window of it that is looked up, and one more word that rules out most false alarms. */
interface Anchor {
  readonly pattern: Pattern;
  /** Of the window inside the pattern, in bytes. */
  readonly offset: number;
  /** Of another aligned word of the pattern, in words from the window; the window itself where there is no other. */
  readonly checkDistance: number;
  readonly checkWord: number;
}

// From this length on there is a window of 8 bytes in every alignment, and 8 bytes are far rarer than 4.
const LONG_PATTERN_BYTES = 11;
// One bit per hash value. With 128 per pattern, four of them set, few words pass without reason and the table stays in the cache.
const FILTER_SIZE_PER_PATTERN = 128;
const SMALLEST_FILTER_BITS = 18;
const LARGEST_FILTER_BITS = 24;

/**
 * Builds an index over the patterns.
 *
 * Memory is read as aligned words of 4 bytes. A pattern may begin at any byte, hence for each of the four alignments
 * one anchor is chosen: the aligned window of 4 or 8 bytes inside the pattern that looks rarest. A table of hashed
 * anchors says for almost every word of memory that nothing lies there; what passes it is compared in full, so that
 * a match is always exact. Throws `INPUT_INVALID` when a pattern is too short or all zero.
 */
export function createPatternIndex(patterns: readonly Pattern[]): PatternIndex {
  let filterBits = SMALLEST_FILTER_BITS;
  while (2 ** filterBits < patterns.length * FILTER_SIZE_PER_PATTERN && filterBits < LARGEST_FILTER_BITS) {
    filterBits += 1;
  }
  const shift = 32 - filterBits;
  const shortFilter = new Int32Array(2 ** (filterBits - 5));
  const longFilter = new Int32Array(2 ** (filterBits - 5));
  const shortAnchors = new Map<number, Anchor[]>();
  const longAnchors = new Map<number, Anchor[]>();

  for (const pattern of patterns) {
    const isLong = pattern.bytes.length >= LONG_PATTERN_BYTES;
    for (const alignment of alignmentsOf(pattern)) {
      const { anchor, first, second } = chooseAnchor(pattern, alignment, isLong ? 8 : 4);
      const key = isLong ? hashPair(first, second) : first;
      const slot = (isLong ? key : hashWord(key)) >>> shift;
      (isLong ? longFilter : shortFilter)[slot >>> 5] |= 1 << (slot & 31);
      const anchors = isLong ? longAnchors : shortAnchors;
      const sameKey = anchors.get(key);
      if (sameKey === undefined) anchors.set(key, [anchor]);
      else sameKey.push(anchor);
    }
  }

  function find(words: Int32Array, length: number, limit: number, visit: PatternVisitor): void {
    const bytes = Buffer.from(words.buffer, words.byteOffset, words.byteLength);
    const compare = (anchors: readonly Anchor[] | undefined, position: number): void => {
      for (const { pattern, offset, checkDistance, checkWord } of anchors ?? []) {
        if (words[position + checkDistance] !== checkWord) continue;
        const start = position * 4 - offset;
        const end = start + pattern.bytes.length;
        if (start < 0 || start >= limit || end > length) continue;
        if (bytes.compare(pattern.bytes, 0, pattern.bytes.length, start, end) === 0) visit(pattern, start);
      }
    };
    const wordCount = length >>> 2;
    for (let position = 0; position < wordCount; position += 1) {
      const word = words[position];
      const next = words[position + 1];
      if ((word | next) === 0) continue;
      const pair = hashPair(word, next);
      const longSlot = pair >>> shift;
      if ((longFilter[longSlot >>> 5] & (1 << (longSlot & 31))) !== 0) compare(longAnchors.get(pair), position);
      const shortSlot = hashWord(word) >>> shift;
      if ((shortFilter[shortSlot >>> 5] & (1 << (shortSlot & 31))) !== 0) compare(shortAnchors.get(word), position);
    }
  }

  const longest = patterns.reduce((most, { bytes }) => Math.max(most, bytes.length), 0);
  return { size: patterns.length, longest, find };
}

/** Searches bytes of any length and alignment, for output and trace arguments rather than for whole processes. */
export function findInBytes(index: PatternIndex, bytes: Uint8Array, visit: PatternVisitor): void {
  // Room for the zero bytes behind the end that complete the last word, and for the word that `find` peeks at.
  const words = new Int32Array(Math.ceil(bytes.length / 4) + 1);
  new Uint8Array(words.buffer).set(bytes);
  index.find(words, Math.ceil(bytes.length / 4) * 4, bytes.length, (pattern, offset) => {
    if (offset + pattern.bytes.length <= bytes.length) visit(pattern, offset);
  });
}

/** Text may begin at any byte; numbers of 4 or 8 bytes lie where the processor expects them. */
function alignmentsOf({ kind }: Pattern): readonly number[] {
  return /^element_|^id_(?!u16)/.test(kind) ? [0] : [0, 1, 2, 3];
}

function chooseAnchor(
  pattern: Pattern,
  alignment: number,
  width: number,
): { anchor: Anchor; first: number; second: number } {
  const view = new DataView(pattern.bytes.buffer, pattern.bytes.byteOffset, pattern.bytes.byteLength);
  const offset = rarestWindow(pattern.bytes, alignment, width);
  if (offset === undefined) throw new EarshotError("INPUT_INVALID", { patternBytes: pattern.bytes.length });
  const checkOffset = rarestWindow(pattern.bytes, alignment, 4, offset, width) ?? offset;
  return {
    anchor: { pattern, offset, checkDistance: (checkOffset - offset) / 4, checkWord: view.getInt32(checkOffset, true) },
    first: view.getInt32(offset, true),
    second: width === 8 ? view.getInt32(offset + 4, true) : 0,
  };
}

/** The offset of the window with the most different non-zero bytes, among those that are aligned and outside the taken one. */
function rarestWindow(
  bytes: Uint8Array,
  alignment: number,
  width: number,
  takenOffset = bytes.length,
  takenWidth = 0,
): number | undefined {
  let bestOffset: number | undefined;
  let bestCount = 0;
  for (let offset = alignment; offset + width <= bytes.length; offset += 4) {
    if (offset >= takenOffset && offset < takenOffset + takenWidth) continue;
    const count = differentBytes(bytes, offset, offset + width);
    if (count > bestCount) {
      bestCount = count;
      bestOffset = offset;
    }
  }
  return bestOffset;
}

function differentBytes(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let index = start; index < end; index += 1) {
    if (bytes[index] !== 0 && bytes.indexOf(bytes[index], start) === index) count += 1;
  }
  return count;
}

// Multiplicative hashing by the golden ratio: D. E. Knuth, The Art of Computer Programming, vol. 3, section 6.4.
function hashWord(word: number): number {
  return Math.imul(word, 0x9e3779b1);
}

function hashPair(first: number, second: number): number {
  return Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
}
