import { EMOJI, foldOf, IDEOGRAPH, KEEP, LETTER_OF_SIGN, SPACE, toCyrillic, toLatin } from "./fold.js";

/** How many bytes the normalised form may take per byte of the original, plus `SLACK`. */
export const GROWTH = 2;
/** Bytes beside the factor, for messages of a few bytes. */
export const SLACK = 16;

/** Counts taken while reading, of things that the normalised form no longer shows. */
export interface TextCounts {
  /** Code points that were read. */
  characters: number;
  /** Letters, and of those the capital ones (of Latin, Greek and Cyrillic). */
  letters: number;
  capitals: number;
  digits: number;
  exclamations: number;
  questions: number;
  emoji: number;
  /** Bytes that are not valid UTF-8. */
  undecodable: number;
  /** Words that were written with look-alike letters, signs for letters or spaced letters. */
  disguised: number;
}

/** The normalised form of one message, in buffers that are written anew for each message and wiped after it. */
export interface NormalizedText {
  /** UTF-8; only `[0, length)` is in use. */
  readonly bytes: Uint8Array;
  length: number;
  /** For each normalised byte the offset of the original character, from the start of the message. */
  readonly sources: Uint32Array;
  /** Words as ranges of `bytes`. A sentence end, a pictograph and a Chinese character are words of their own. */
  readonly wordStarts: Uint32Array;
  readonly wordEnds: Uint32Array;
  wordCount: number;
  readonly counts: TextCounts;
}

const MAXIMUM_WORD = 256;
const MINIMUM_SPACED_LETTERS = 4;
const MAXIMUM_SPACED_LETTERS = 32;
const BLANK = 0x20;
const EXCLAMATION = 0x21;
const DOLLAR = 0x24;
const APOSTROPHE = 0x27;
const COMMA = 0x2c;
const FULL_STOP = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const QUESTION = 0x3f;
const AT = 0x40;
const SMALL_A = 0x61;
const SMALL_Z = 0x7a;

const word = new Uint32Array(MAXIMUM_WORD);
const wordSources = new Uint32Array(MAXIMUM_WORD);

/** How long each array must be for messages of up to `capacityBytes` of UTF-8. */
export function normalizedCapacity(capacityBytes: number): number {
  return capacityBytes * GROWTH + SLACK;
}

/**
 * Allocates the buffers for messages of up to `capacityBytes`.
 *
 * @param capacityBytes longest message in bytes of UTF-8
 * @param arrays instead of own ones, each of `normalizedCapacity` elements, all zero
 */
export function createNormalizedText(
  capacityBytes: number,
  arrays?: Pick<NormalizedText, "bytes" | "wordStarts" | "wordEnds">,
): NormalizedText {
  const capacity = normalizedCapacity(capacityBytes);
  return {
    bytes: arrays?.bytes ?? new Uint8Array(capacity),
    length: 0,
    sources: new Uint32Array(capacity),
    wordStarts: arrays?.wordStarts ?? new Uint32Array(capacity),
    wordEnds: arrays?.wordEnds ?? new Uint32Array(capacity),
    wordCount: 0,
    counts: emptyCounts(),
  };
}

/** Zeroes everything that the last message left, including the scratch of this module. */
export function wipeNormalizedText(text: NormalizedText): void {
  text.bytes.fill(0, 0, text.length);
  text.sources.fill(0, 0, text.length);
  text.wordStarts.fill(0, 0, text.wordCount);
  text.wordEnds.fill(0, 0, text.wordCount);
  text.length = 0;
  text.wordCount = 0;
  clearCounts(text.counts);
  word.fill(0);
  wordSources.fill(0);
}

/** Counts of nothing. */
export function emptyCounts(): TextCounts {
  return {
    characters: 0,
    letters: 0,
    capitals: 0,
    digits: 0,
    exclamations: 0,
    questions: 0,
    emoji: 0,
    undecodable: 0,
    disguised: 0,
  };
}

/** Sets all counts to nothing. */
export function clearCounts(counts: TextCounts): void {
  // One by one: `Object.assign` from a fresh object takes as long as normalising a short message.
  counts.characters = 0;
  counts.letters = 0;
  counts.capitals = 0;
  counts.digits = 0;
  counts.exclamations = 0;
  counts.questions = 0;
  counts.emoji = 0;
  counts.undecodable = 0;
  counts.disguised = 0;
}

/** Adds counts to others. */
export function addCounts(into: TextCounts, counts: TextCounts): void {
  into.characters += counts.characters;
  into.letters += counts.letters;
  into.capitals += counts.capitals;
  into.digits += counts.digits;
  into.exclamations += counts.exclamations;
  into.questions += counts.questions;
  into.emoji += counts.emoji;
  into.undecodable += counts.undecodable;
  into.disguised += counts.disguised;
}

/**
 * Writes the normalised form of `source[start, end)`: lower case, no accents, one space between words, full-width and
 * styled letters made plain, invisible characters gone, letters that pass for others and signs inside words undone,
 * stretched letters shortened to two, numbers folded to `0` (to `17` from 10 to 17, because that age matters).
 * Works on bytes and numbers only, so that no string of the message is ever made. Any bytes will do: what is not UTF-8
 * is read as Latin-1 letters and counted. Normalising the result again changes nothing.
 *
 * @param into buffers of a capacity of at least `end - start`; written from their beginning
 */
export function normalize(source: Uint8Array, start: number, end: number, into: NormalizedText): void {
  const { counts } = into;
  into.length = 0;
  into.wordCount = 0;
  clearCounts(counts);
  let wordLength = 0;
  // Digits stand apart from letters, except where they stand for one.
  let wordIsNumber = false;
  /** First word of a run of single letters, which may be one word spelt with spaces; -1 outside of one. */
  let spacedFrom = -1;
  // The last two words, where they are single signs: pictographs and Chinese characters are shortened to two like letters.
  let last = 0;
  let lastButOne = 0;

  const endSpacedLetters = (): void => {
    if (spacedFrom >= 0) joinSpacedLetters(into, spacedFrom);
    spacedFrom = -1;
  };
  const flush = (): void => {
    if (wordLength === 0) return;
    const length = wordIsNumber ? foldNumber(wordLength) : foldWord(wordLength, counts);
    wordLength = 0;
    last = 0;
    lastButOne = 0;
    const isSingleLetter = length === 1 && word[0] >= SMALL_A && word[0] <= SMALL_Z;
    if (!isSingleLetter || into.wordCount - spacedFrom === MAXIMUM_SPACED_LETTERS) endSpacedLetters();
    writeWord(into, length, true);
    if (isSingleLetter && spacedFrom < 0) spacedFrom = into.wordCount - 1;
  };
  const push = (codePoint: number, from: number, isNumber: boolean): void => {
    if (wordIsNumber !== isNumber || wordLength === MAXIMUM_WORD) flush();
    wordIsNumber = isNumber;
    word[wordLength] = codePoint;
    wordSources[wordLength] = from;
    wordLength += 1;
  };
  /** A sentence end, a pictograph or a Chinese character: a word by itself. */
  const single = (codePoint: number, from: number, spaced: boolean): void => {
    flush();
    endSpacedLetters();
    if (codePoint === last && codePoint === lastButOne) return;
    word[0] = codePoint;
    wordSources[0] = from;
    writeWord(into, 1, spaced);
    lastButOne = last;
    last = codePoint;
  };
  /** Handles a folded code point: a letter, a digit, or one of the few signs that fold to themselves. */
  const take = (codePoint: number, from: number, next: number): void => {
    const insideWord = wordLength > 0 && !wordIsNumber;
    if (codePoint >= 0x30 && codePoint <= 0x39) {
      counts.digits += 1;
      const standsForLetter =
        insideWord && (isLetter(source, next, end) || (isDigit(source, next, end) && isLetter(source, next + 1, end)));
      if (standsForLetter) counts.disguised += 1;
      push(standsForLetter ? LETTER_OF_SIGN[codePoint] : codePoint, from, !standsForLetter);
    } else if (codePoint === AT || codePoint === DOLLAR) {
      if (insideWord && isLetter(source, next, end)) {
        counts.disguised += 1;
        push(LETTER_OF_SIGN[codePoint], from, false);
      } else flush();
    } else if (codePoint === APOSTROPHE) {
      // Dropped inside a word: people write "dont" as often as "don't".
      if (!insideWord || !isLetter(source, next, end)) flush();
    } else if (codePoint === FULL_STOP || codePoint === EXCLAMATION || codePoint === QUESTION) {
      if (codePoint === EXCLAMATION) counts.exclamations += 1;
      if (codePoint === QUESTION) counts.questions += 1;
      if (wordIsNumber && wordLength > 0 && isDigit(source, next, end)) {
        push(ZERO, from, true);
        return;
      }
      const spelling =
        insideWord && wordLength === 1 && isLetter(source, next, end) && !isLetter(source, next + 1, end);
      flush();
      if (!(spelling && codePoint === FULL_STOP) && !isSentenceEnd(last)) single(codePoint, from, false);
    } else {
      counts.letters += 1;
      push(codePoint, from, false);
    }
  };

  let position = start;
  while (position < end) {
    const from = position - start;
    const first = source[position];
    // Most of most messages: what the general way would do with a small letter inside or at the beginning of a word.
    if (first >= SMALL_A && first <= SMALL_Z && !wordIsNumber && wordLength < MAXIMUM_WORD) {
      word[wordLength] = first;
      wordSources[wordLength] = from;
      wordLength += 1;
      counts.letters += 1;
      counts.characters += 1;
      position += 1;
      continue;
    }
    let codePoint = first;
    let size = 1;
    if (first >= 0x80) {
      size = sequenceLength(source, position, end);
      if (size === 1) {
        counts.undecodable += 1;
        // A sender that is set to a Windows code page: quotation marks below 0xA0, Latin-1 letters above.
        codePoint = first >= 0xa0 ? first : first === 0x91 || first === 0x92 ? APOSTROPHE : BLANK;
      } else codePoint = decode(source, position, size);
    }
    position += size;
    counts.characters += 1;
    let fold = foldOf(codePoint);
    let second = 0;
    if (fold > IDEOGRAPH) {
      if (isCapital(codePoint)) counts.capitals += 1;
      codePoint = fold & 0xffff;
      second = fold >>> 16;
      fold = foldOf(codePoint);
    }
    if (fold === KEEP) {
      take(codePoint, from, position);
      if (second !== 0) take(second, from, position);
    } else if (fold === SPACE) {
      const insideNumber = wordIsNumber && wordLength > 0 && (codePoint === COMMA || codePoint === COLON);
      if (insideNumber && isDigit(source, position, end)) push(ZERO, from, true);
      else flush();
    } else if (fold === EMOJI) {
      counts.emoji += 1;
      single(codePoint, from, true);
    } else if (fold === IDEOGRAPH) {
      counts.letters += 1;
      flush();
      single(codePoint, from, foldOf(last) !== IDEOGRAPH);
    }
  }
  flush();
  endSpacedLetters();
}

/** Appends `word[0, length)` as the next word; one space parts it from the one before where `spaced` says so. */
function writeWord(into: NormalizedText, length: number, spaced: boolean): void {
  const { bytes, sources } = into;
  let at = into.length;
  if (spaced && at > 0) {
    sources[at] = wordSources[0];
    bytes[at] = BLANK;
    at += 1;
  }
  into.wordStarts[into.wordCount] = at;
  for (let i = 0; i < length; i += 1) {
    const from = wordSources[i];
    const next = encode(word[i], bytes, at);
    for (; at < next; at += 1) sources[at] = from;
  }
  into.wordEnds[into.wordCount] = at;
  into.wordCount += 1;
  into.length = at;
}

/** "k i l l" is one word: from four single letters on, the words from `first` to the end become one. */
function joinSpacedLetters(into: NormalizedText, first: number): void {
  if (into.wordCount - first < MINIMUM_SPACED_LETTERS) return;
  const { bytes, sources, wordStarts, wordEnds } = into;
  const from = wordStarts[first];
  let at = from;
  for (let i = first; i < into.wordCount; i += 1) {
    const letter = bytes[wordStarts[i]];
    if (at - from >= 2 && bytes[at - 1] === letter && bytes[at - 2] === letter) continue;
    bytes[at] = letter;
    sources[at] = sources[wordStarts[i]];
    at += 1;
  }
  wordEnds[first] = at;
  // What was moved must not stay behind in the part that is no longer in use, and so is no longer wiped.
  bytes.fill(0, at, into.length);
  sources.fill(0, at, into.length);
  wordStarts.fill(0, first + 1, into.wordCount);
  wordEnds.fill(0, first + 1, into.wordCount);
  into.wordCount = first + 1;
  into.length = at;
  into.counts.disguised += 1;
}

/** Folds `word[0, length)` to `0`, or to `17` when it is a number from 10 to 17; returns the new length. */
function foldNumber(length: number): number {
  const isTeenAge = length === 2 && word[0] === 0x31 && word[1] <= 0x37;
  word[0] = isTeenAge ? 0x31 : ZERO;
  word[1] = 0x37;
  return isTeenAge ? 2 : 1;
}

/** Undoes look-alike letters in `word[0, length)` and shortens stretched ones; returns the new length. */
function foldWord(length: number, counts: TextCounts): number {
  let latin = 0;
  let others = 0;
  // Which way every letter has a look-alike; where both or neither is possible, the script of most letters wins.
  let canBeLatin = true;
  let canBeCyrillic = true;
  for (let i = 0; i < length; i += 1) {
    const codePoint = word[i];
    if (codePoint < 0x250) {
      latin += 1;
      canBeCyrillic &&= toCyrillic(codePoint) !== codePoint;
    } else if (codePoint >= 0x370 && codePoint < 0x530) {
      others += 1;
      canBeLatin &&= toLatin(codePoint) !== codePoint;
    }
  }
  if (latin > 0 && others > 0) {
    counts.disguised += 1;
    const map = (canBeLatin === canBeCyrillic ? latin >= others : canBeLatin) ? toLatin : toCyrillic;
    for (let i = 0; i < length; i += 1) word[i] = map(word[i]);
  }
  let kept = 0;
  for (let i = 0; i < length; i += 1) {
    const codePoint = word[i];
    if (kept >= 2 && word[kept - 1] === codePoint && word[kept - 2] === codePoint) continue;
    word[kept] = codePoint;
    wordSources[kept] = wordSources[i];
    kept += 1;
  }
  return kept;
}

function isSentenceEnd(codePoint: number): boolean {
  return codePoint === FULL_STOP || codePoint === EXCLAMATION || codePoint === QUESTION;
}

function isCapital(codePoint: number): boolean {
  return (
    (codePoint >= 0x41 && codePoint <= 0x5a) ||
    (codePoint >= 0xc0 && codePoint <= 0xde) ||
    (codePoint >= 0x391 && codePoint <= 0x3a9) ||
    (codePoint >= 0x400 && codePoint <= 0x42f)
  );
}

function isDigit(source: Uint8Array, position: number, end: number): boolean {
  return position < end && source[position] >= 0x30 && source[position] <= 0x39;
}

/** Whether a letter stands at `position`, as it will be after folding. */
function isLetter(source: Uint8Array, position: number, end: number): boolean {
  if (position >= end) return false;
  const size = sequenceLength(source, position, end);
  const codePoint = size === 1 ? source[position] : decode(source, position, size);
  const fold = foldOf(codePoint);
  if (fold === KEEP) return codePoint >= 0x61;
  return fold > IDEOGRAPH && (fold & 0xffff) >= 0x61;
}

/** Length of the valid UTF-8 sequence at `position`; 1 for ASCII and for a byte that does not begin one. */
export function sequenceLength(source: Uint8Array, position: number, end: number): number {
  const first = source[position];
  if (first < 0xc2 || first > 0xf4) return 1;
  const size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (position + size > end) return 1;
  const second = source[position + 1];
  // The second byte's range shuts out overlong forms, surrogates and what lies beyond Unicode (RFC 3629, section 4).
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 1;
  for (let i = 2; i < size; i += 1) if ((source[position + i] & 0xc0) !== 0x80) return 1;
  return size;
}

function decode(source: Uint8Array, position: number, size: number): number {
  const first = source[position];
  const second = source[position + 1] & 0x3f;
  if (size === 2) return ((first & 0x1f) << 6) | second;
  const third = source[position + 2] & 0x3f;
  if (size === 3) return ((first & 0x0f) << 12) | (second << 6) | third;
  return ((first & 0x07) << 18) | (second << 12) | (third << 6) | (source[position + 3] & 0x3f);
}

function encode(codePoint: number, bytes: Uint8Array, at: number): number {
  if (codePoint < 0x80) {
    bytes[at] = codePoint;
    return at + 1;
  }
  if (codePoint < 0x800) {
    bytes[at] = 0xc0 | (codePoint >> 6);
    bytes[at + 1] = 0x80 | (codePoint & 0x3f);
    return at + 2;
  }
  if (codePoint < 0x10000) {
    bytes[at] = 0xe0 | (codePoint >> 12);
    bytes[at + 1] = 0x80 | ((codePoint >> 6) & 0x3f);
    bytes[at + 2] = 0x80 | (codePoint & 0x3f);
    return at + 3;
  }
  bytes[at] = 0xf0 | (codePoint >> 18);
  bytes[at + 1] = 0x80 | ((codePoint >> 12) & 0x3f);
  bytes[at + 2] = 0x80 | ((codePoint >> 6) & 0x3f);
  bytes[at + 3] = 0x80 | (codePoint & 0x3f);
  return at + 4;
}
