import { randomInt } from "node:crypto";
import { EarshotError } from "../errors.js";

/** Writing systems that an audit sends, because each takes another path through strings and encodings. */
export const CANARY_SCRIPTS = ["latin", "latin_accented", "cyrillic", "arabic", "devanagari", "cjk", "emoji"] as const;
/** A writing system of a canary. */
export type CanaryScript = (typeof CANARY_SCRIPTS)[number];

/**
 * Default sizes of a canary in UTF-8 bytes: from one short word to more than a socket or string chunk holds, and to
 * more than a program is likely to keep in one buffer. Of 16, all that is derived is so short that V8 would keep it among
 * its objects, which it copies.
 */
export const CANARY_SIZES: readonly number[] = [3, 16, 48, 311, 4096, 61_440, 150_000];

/** Characters per word of a canary: long enough that every word holds five fragments of eight. */
export const CANARY_WORD_CHARACTERS = 12;

/** A random message that no person wrote, made to be looked for afterwards. */
export interface Canary {
  readonly script: CanaryScript;
  /** Random words, joined by single spaces in `text`. The last one may be shorter than the others. */
  readonly words: readonly string[];
  readonly text: string;
  /** `text` in UTF-8. */
  readonly bytes: Uint8Array;
}

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
}

/** Code points per script: letters that stand alone, so that any order of them is well-formed text. */
const LETTERS: Readonly<Record<CanaryScript, readonly number[]>> = {
  latin: [...range(0x30, 0x39), ...range(0x41, 0x5a), ...range(0x61, 0x7a)],
  // All below U+0100, so that the Latin-1 form of V8's one-byte strings exists; without the two arithmetic signs.
  latin_accented: [...range(0xc0, 0xd6), ...range(0xd8, 0xde), ...range(0xe0, 0xf6), ...range(0xf8, 0xff)],
  cyrillic: range(0x430, 0x44f),
  arabic: [...range(0x621, 0x63a), ...range(0x641, 0x64a)],
  devanagari: range(0x915, 0x939),
  cjk: range(0x4e00, 0x9fa5),
  emoji: range(0x1f600, 0x1f64f),
};

/**
 * Makes a fresh canary of at most `sizeBytes` UTF-8 bytes, but of one character at least.
 *
 * The letters come from the cryptographic random source of Node, so that no earlier run, file or page can hold them.
 * Throws `INPUT_INVALID` when the size is not a positive whole number.
 */
export function makeCanary(script: CanaryScript, sizeBytes: number): Canary {
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 1) throw new EarshotError("INPUT_INVALID", { sizeBytes });
  const letters = LETTERS[script];
  const words: string[] = [];
  let word = "";
  let characters = 0;
  let usedBytes = 0;
  for (;;) {
    const letter = String.fromCodePoint(letters[randomInt(letters.length)]);
    const startsWord = characters > 0 && characters % CANARY_WORD_CHARACTERS === 0;
    const letterBytes = Buffer.byteLength(letter) + (startsWord ? 1 : 0);
    if (usedBytes + letterBytes > sizeBytes && characters > 0) break;
    if (startsWord) {
      words.push(word);
      word = "";
    }
    word += letter;
    characters += 1;
    usedBytes += letterBytes;
  }
  words.push(word);
  const text = words.join(" ");
  return { script, words, text, bytes: Buffer.from(text) };
}

/** At most `limit` words of a canary, evenly spread and with the first and the last, so that long messages stay searchable. */
export function soughtWords(canary: Canary, limit: number): readonly string[] {
  const { words } = canary;
  if (words.length <= limit) return words;
  return Array.from({ length: limit }, (_, index) => words[Math.round((index * (words.length - 1)) / (limit - 1))]);
}
