import { addByte, hashBytes, mix } from "./hash.js";
import type { NormalizedText, TextCounts } from "./normalize.js";

/** Words before a word that it is paired with: its neighbour, and those with one to three words between. */
const REACH = 4;
/** Longest character n-gram in characters, and the shortest in bytes: 3 letters of Latin, 2 of Cyrillic, 1 of Chinese. */
const NGRAM_CHARACTERS = 5;
const NGRAM_BYTES = 3;

// A word and an n-gram of the same bytes must not share a bucket, nor two words side by side and two words apart.
const NGRAM_SEED = 0x2f0b4c47;
const NEIGHBOUR = 0x5bd1e995;
const SKIP = 0x1b873593;
/** The two highest bits of a hash say which family it is of, so that each family has its own part of a table. */
const WORDS = 0x80000000;
const NEAR = 0x40000000;

/** Families of features: character n-grams, pairs of words with words between, words and neighbouring pairs. */
export const FAMILIES = 3;

/** The family of a feature, below `FAMILIES`. */
export function familyOf(hash: number): number {
  return hash < WORDS ? 0 : hash < WORDS + NEAR ? 1 : 2;
}

/** Most features that one word gives: its n-grams (up to 256 characters and a space), itself and its pairs. */
export const FEATURES_PER_WORD: number = 257 * NGRAM_CHARACTERS + 1 + REACH;
/** How much longer an array of features must be for the compiled form, which writes twelve at a time. */
export const FEATURES_SLACK = 12;

/** Groups of which exactly one bin is on, in order, each with the lower bounds of its bins. */
const COUNT_GROUPS: ReadonlyArray<readonly number[]> = [
  [0, 3, 6, 11, 21, 41, 81, 161], // words
  [0, 0.001, 0.1, 0.5], // capital letters, share
  [0, 1, 2], // exclamation marks
  [0, 1, 2], // question marks
  [0, 1, 2], // pictographs
  [0, 1], // digits
  [0, 1], // disguised words
];

/** How many bins `countBins` switches between. */
export const COUNT_BINS: number = COUNT_GROUPS.reduce((sum, bounds) => sum + bounds.length, 0);
/** How many of them are on at a time. */
export const COUNT_BINS_ON: number = COUNT_GROUPS.length;

const values = new Float64Array(COUNT_GROUPS.length);

/**
 * Writes the features of the words `[first, last)` as unsigned 32-bit hashes: each word, its pairs with the four words
 * before it, and the character n-grams that begin in it or in the space after it. The high bits are the best mixed: a
 * table of 2^b rows takes `hash >>> (32 - b)`.
 *
 * @param into at least `(last - first) * FEATURES_PER_WORD` long
 * @returns how many features were written
 */
export function writeFeatures(text: NormalizedText, first: number, last: number, into: Uint32Array): number {
  const { bytes, length, wordStarts, wordEnds } = text;
  let count = 0;
  for (let w = first; w < last; w += 1) {
    const own = hashBytes(bytes, wordStarts[w], wordEnds[w]);
    into[count++] = (mix(own) | WORDS | NEAR) >>> 0;
    for (let distance = 1; distance <= REACH && distance <= w; distance += 1) {
      const other = hashBytes(bytes, wordStarts[w - distance], wordEnds[w - distance]);
      const pair = mix(Math.imul(other, distance === 1 ? NEIGHBOUR : SKIP) ^ own);
      into[count++] = distance === 1 ? (pair | WORDS | NEAR) >>> 0 : ((pair & ~NEAR) | WORDS) >>> 0;
    }
    const end = w + 1 < text.wordCount ? wordStarts[w + 1] : length;
    for (let i = wordStarts[w]; i < end; i += 1) {
      if ((bytes[i] & 0xc0) === 0x80) continue;
      let hash = NGRAM_SEED;
      let characters = 0;
      for (let k = i; k < length; k += 1) {
        hash = addByte(hash, bytes[k]);
        // The next byte begins a character, or there is none: the character that ends here is whole.
        if (k + 1 < length && (bytes[k + 1] & 0xc0) === 0x80) continue;
        characters += 1;
        if (k + 1 - i >= NGRAM_BYTES) into[count++] = mix(hash) & ~WORDS;
        if (characters === NGRAM_CHARACTERS) break;
      }
    }
  }
  return count;
}

/**
 * Writes which bin of each group of counts is on: length, capital letters, exclamation and question marks, pictographs,
 * digits, disguised words.
 *
 * @param words words of the whole message
 * @param into at least `COUNT_BINS_ON` long; gets ascending numbers below `COUNT_BINS`
 */
export function writeCountBins(counts: TextCounts, words: number, into: Uint8Array): void {
  values[0] = words;
  values[1] = counts.letters === 0 ? 0 : counts.capitals / counts.letters;
  values[2] = counts.exclamations;
  values[3] = counts.questions;
  values[4] = counts.emoji;
  values[5] = counts.digits;
  values[6] = counts.disguised;
  let base = 0;
  for (let group = 0; group < COUNT_GROUPS.length; group += 1) {
    const bounds = COUNT_GROUPS[group];
    let bin = bounds.length - 1;
    while (bin > 0 && values[group] < bounds[bin]) bin -= 1;
    into[group] = base + bin;
    base += bounds.length;
  }
  values.fill(0);
}
