import { MAXIMUM_TEXT_BYTES } from "../triage.js";

/** What was put into a slot. */
export interface Filled {
  /** Bytes that are in the slot. */
  readonly length: number;
  /** Bytes of the text as far as it was looked at; more than `length` when the slot could not hold them. */
  readonly bytes: number;
  /** Whether the text goes on beyond what was looked at. */
  readonly truncated: boolean;
}

/** Memory that the pool and one worker share, for one message at a time. */
export interface Slot {
  readonly memory: SharedArrayBuffer;
  /** Copies a text into the slot, as far as it is scored. */
  fill(text: Uint8Array | string): Filled;
  /** Overwrites the text. */
  wipe(): void;
}

/** Room for what is scored and for one more character of UTF-8, which shows that there was more. */
export const SLOT_BYTES: number = MAXIMUM_TEXT_BYTES + 4;
/** Everything up to it is blank. */
const SPACE = 0x20;

/** Allocates a slot. */
export function createSlot(): Slot {
  const memory = new SharedArrayBuffer(SLOT_BYTES);
  const bytes = new Uint8Array(memory);
  const encoder = new TextEncoder();
  let used = 0;

  return {
    memory,
    fill(text) {
      if (typeof text === "string") {
        const { read, written } = encoder.encodeInto(text, bytes);
        used = written;
        return { length: used, bytes: used, truncated: read < text.length };
      }
      const scored = text.subarray(0, MAXIMUM_TEXT_BYTES);
      bytes.set(scored);
      used = scored.length;
      if (used < text.length) {
        // Never scored; it tells whether a text that begins with a megabyte of blanks is blank to its end.
        bytes[used] = text.subarray(used).find((byte) => byte > SPACE) ?? SPACE;
        used += 1;
      }
      return { length: used, bytes: text.length, truncated: false };
    },
    wipe() {
      bytes.fill(0, 0, used);
      used = 0;
    },
  };
}
