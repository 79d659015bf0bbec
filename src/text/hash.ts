/** State before the first byte: the FNV-1a offset basis (Fowler, Noll, Vo; RFC 9923). */
export const EMPTY_HASH: number = 0x811c9dc5 | 0;

/** Takes one more byte into a state (FNV-1a, 32 bits). */
export function addByte(state: number, byte: number): number {
  return Math.imul(state ^ byte, 0x01000193);
}

/** The state after `bytes[start, end)`. */
export function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let state = EMPTY_HASH;
  for (let i = start; i < end; i += 1) state = addByte(state, bytes[i]);
  return state;
}

/** Spreads every bit of a state over all others: the finaliser of MurmurHash3 (Appleby). Signed 32 bits. */
export function mix(state: number): number {
  let hash = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
