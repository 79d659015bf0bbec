import { hashBytes, mix } from "../text/hash.js";

/** Salt of a whole word. */
export const WHOLE_WORD = 0x27d4eb2f;
/** Salt of the beginning of a word, so that `help` and `help*` have different hashes. */
export const WORD_STEM: number = 0x9e3779b9 | 0;

/** The hash of the bytes that a state of `addByte` has taken in, as a signed 32-bit number. */
export function finishHash(state: number, salt: number): number {
  return mix(state ^ salt);
}

/** The hash of `bytes[start, end)`. */
export function hashWord(bytes: Uint8Array, start: number, end: number, salt: number): number {
  return finishHash(hashBytes(bytes, start, end), salt);
}
