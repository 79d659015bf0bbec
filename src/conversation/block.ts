import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { EarshotError } from "../errors.js";
import { STATE_LENGTH, type State } from "./state.js";

/** Shortest key that is taken, in bytes: the length of the HMAC, below which RFC 2104 advises against keys. */
export const SHORTEST_KEY_BYTES = 32;

// "EARC" and the version of the form; three zero bytes align what follows.
const HEADER: Uint8Array = Uint8Array.of(0x45, 0x41, 0x52, 0x43, 1, 0, 0, 0);
const VERSION_AT = 4;
const SAVED_AT = HEADER.length;
const BOUND_AT = SAVED_AT + Float64Array.BYTES_PER_ELEMENT;
const BOUND_BYTES = 32;
const NUMBERS_AT = BOUND_AT + BOUND_BYTES;
const MAC_AT = NUMBERS_AT + STATE_LENGTH * Float64Array.BYTES_PER_ELEMENT;
const MAC_BYTES = 32;
/** Length of every block. */
export const BLOCK_BYTES: number = MAC_AT + MAC_BYTES;

/** Key of this process, for conversations that are given none: their blocks are good until it ends, and nowhere else. */
const PROCESS_KEY: Uint8Array = randomBytes(SHORTEST_KEY_BYTES);

/** What a block is tied to. */
export interface Seal {
  /** Of the operator; without it the key of this process. */
  readonly key?: Uint8Array;
  /** Names and versions of everything that gives the numbers their meaning. */
  readonly boundTo: readonly string[];
}

/**
 * Writes a state as a block: header, time, hash of what it is bound to, the numbers, HMAC-SHA-256 of all of it (RFC 2104).
 * The numbers can be read by whoever has the block, only not changed.
 *
 * @param nowMs milliseconds since 1970
 */
export function sealBlock(state: State, nowMs: number, { key = PROCESS_KEY, boundTo }: Seal): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES);
  const view = new DataView(block.buffer);
  block.set(HEADER);
  view.setFloat64(SAVED_AT, nowMs, true);
  block.set(hashOf(boundTo), BOUND_AT);
  for (let index = 0; index < STATE_LENGTH; index += 1)
    view.setFloat64(NUMBERS_AT + index * Float64Array.BYTES_PER_ELEMENT, state[index], true);
  block.set(macOf(block, key), MAC_AT);
  return block;
}

/**
 * Reads what `sealBlock` wrote.
 *
 * @param maximumAgeMs since it was written; one from further in the future than that is refused too
 * @throws EarshotError `CONVERSATION_INVALID` when it was cut or changed or has another key, `CONVERSATION_VERSION` when
 *   it has another form or is bound to something else, `CONVERSATION_EXPIRED` when it is too old
 */
export function openBlock(
  block: Uint8Array,
  nowMs: number,
  maximumAgeMs: number,
  { key = PROCESS_KEY, boundTo }: Seal,
): State {
  if (!(block instanceof Uint8Array) || block.length <= VERSION_AT) throw new EarshotError("CONVERSATION_INVALID");
  for (let index = 0; index < VERSION_AT; index += 1)
    if (block[index] !== HEADER[index]) throw new EarshotError("CONVERSATION_INVALID");
  if (block[VERSION_AT] !== HEADER[VERSION_AT])
    throw new EarshotError("CONVERSATION_VERSION", { version: block[VERSION_AT], expected: HEADER[VERSION_AT] });
  if (block.length !== BLOCK_BYTES) throw new EarshotError("CONVERSATION_INVALID");
  if (!timingSafeEqual(macOf(block, key), block.subarray(MAC_AT))) throw new EarshotError("CONVERSATION_INVALID");
  if (!timingSafeEqual(hashOf(boundTo), block.subarray(BOUND_AT, NUMBERS_AT)))
    throw new EarshotError("CONVERSATION_VERSION");
  const view = new DataView(block.buffer, block.byteOffset);
  const ageMs = nowMs - view.getFloat64(SAVED_AT, true);
  if (!(Math.abs(ageMs) <= maximumAgeMs)) throw new EarshotError("CONVERSATION_EXPIRED", { ageMs });
  return Float64Array.from({ length: STATE_LENGTH }, (_, index) =>
    view.getFloat64(NUMBERS_AT + index * Float64Array.BYTES_PER_ELEMENT, true),
  );
}

function macOf(block: Uint8Array, key: Uint8Array): Uint8Array {
  return createHmac("sha256", key).update(block.subarray(0, MAC_AT)).digest();
}

function hashOf(names: readonly string[]): Uint8Array {
  return createHash("sha256").update(JSON.stringify(names)).digest();
}
