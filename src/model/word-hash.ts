/** State of an empty word: the FNV-1a offset basis (Fowler, Noll, Vo; RFC 9923). */
export const EMPTY_WORD: number = 0x811c9dc5 | 0;
/** Salt of a whole word. */
export const WHOLE_WORD = 0x27d4eb2f;
/** Salt of the beginning of a word, so that `help` and `help*` have different hashes. */
export const WORD_STEM: number = 0x9e3779b9 | 0;

/** Takes one more byte of a word into its state (FNV-1a, 32 bit). */
export function addByte(state: number, byte: number): number {
  return Math.imul(state ^ byte, 0x01000193);
}

/** The hash of what was taken in so far, as a signed 32-bit number; the final mix is that of MurmurHash3 (Appleby). */
export function finishHash(state: number, salt: number): number {
  let hash = state ^ salt;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** The hash of `bytes[start, end)`. */
export function hashWord(bytes: Uint8Array, start: number, end: number, salt: number): number {
  let state = EMPTY_WORD;
  for (let index = start; index < end; index++) state = addByte(state, bytes[index]);
  return finishHash(state, salt);
}
