import { EarshotError } from "../errors.js";

/** The pieces that stand for no bytes: filling, the start of a message, a hidden piece (in training), a boundary. */
export const SPECIAL_PIECES = { padding: 0, start: 1, mask: 2, separator: 3 } as const;

const SPECIAL_COUNT = 4;
const BYTES = 256;
const BLANK = 0x20;
const HASH = 0x9e3779b1;
const ROOT = 0;

/**
 * The pieces of an encoder as a trie in flat arrays: an edge is found by its node and byte in an open-addressing table.
 */
export interface Vocabulary {
  /** Number of pieces, which is also above every id. */
  readonly size: number;
  /** For each slot `node << 8 | byte`, plus 1 so that 0 is an empty slot. */
  readonly edges: Uint32Array;
  /** For each slot the node that the edge leads to. */
  readonly targets: Uint32Array;
  /** For each node the id of the piece that ends there, or 0. */
  readonly pieces: Uint16Array;
  readonly shift: number;
}

/**
 * Reads a vocabulary: per piece one byte for its length, then its bytes; first the special pieces, which are empty, then
 * the 256 single bytes in order, so that any text can be cut into pieces.
 *
 * @throws EarshotError `PACK_INVALID` where that does not hold
 */
export function readVocabulary(file: Uint8Array): Vocabulary {
  let nodes = 1;
  const bits = Math.ceil(Math.log2(file.length + 1)) + 1;
  const edges = new Uint32Array(1 << bits);
  const targets = new Uint32Array(1 << bits);
  const pieces = new Uint16Array(file.length + 1);
  const shift = 32 - bits;
  const last = edges.length - 1;
  let id = 0;
  for (let at = 0; at < file.length; id += 1) {
    const end = at + 1 + file[at];
    const isExpected =
      id < SPECIAL_COUNT ? file[at] === 0 : id < SPECIAL_COUNT + BYTES ? isByte(file, at, id) : file[at] > 1;
    if (end > file.length || !isExpected || id > 0xffff) throw new EarshotError("PACK_INVALID");
    let node = ROOT;
    for (at += 1; at < end; at += 1) {
      const edge = ((node << 8) | file[at]) + 1;
      // `findSlot`, here in the loop: it runs before the engine has compiled it.
      let slot = Math.imul(edge, HASH) >>> shift;
      while (edges[slot] !== 0 && edges[slot] !== edge) slot = (slot + 1) & last;
      if (edges[slot] === 0) {
        edges[slot] = edge;
        targets[slot] = nodes;
        nodes += 1;
      }
      node = targets[slot];
    }
    if (id >= SPECIAL_COUNT) pieces[node] = id;
  }
  if (id < SPECIAL_COUNT + BYTES) throw new EarshotError("PACK_INVALID");
  return { size: id, edges, targets, pieces: pieces.slice(0, nodes), shift };
}

/**
 * Cuts `bytes[start, end)` into the longest pieces from left to right, as if a space stood before it, and writes their
 * ids, as many as `into` holds.
 *
 * @param bytes normalised text (`normalize`), in which words are separated by one space
 * @returns how many were written
 */
export function tokenize(
  vocabulary: Vocabulary,
  bytes: Uint8Array,
  start: number,
  end: number,
  into: Int32Array | Uint16Array,
): number {
  const { edges, targets, pieces, shift } = vocabulary;
  let count = 0;
  if (start === end) return count;
  let at = bytes[start] === BLANK ? start : start - 1;
  while (at < end && count < into.length) {
    let node = ROOT;
    let piece = 0;
    let pieceEnd = at + 1;
    for (let i = at; i < end; i += 1) {
      const byte = i < start ? BLANK : bytes[i];
      const slot = findSlot(edges, ((node << 8) | byte) + 1, shift);
      if (edges[slot] === 0) break;
      node = targets[slot];
      if (pieces[node] !== 0) {
        piece = pieces[node];
        pieceEnd = i + 1;
      }
    }
    into[count] = piece;
    count += 1;
    at = pieceEnd;
  }
  return count;
}

function isByte(file: Uint8Array, at: number, id: number): boolean {
  return file[at] === 1 && file[at + 1] === id - SPECIAL_COUNT;
}

/** The slot of an edge, or the empty one where it would be. */
function findSlot(edges: Uint32Array, edge: number, shift: number): number {
  let slot = Math.imul(edge, HASH) >>> shift;
  while (edges[slot] !== 0 && edges[slot] !== edge) slot = (slot + 1) & (edges.length - 1);
  return slot;
}
