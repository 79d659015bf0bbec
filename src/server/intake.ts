import type { TurnOptions } from "../conversation/conversation.js";
import { EarshotError } from "../errors.js";
import { type JsonLineFields, readJsonLine } from "../text/json-line.js";
import { clearSink, createSink } from "../text/json-string.js";
import type { AssessOptions } from "../triage.js";

/** Arrays of up to 64 bytes lie among the objects of V8, which moves them about and leaves copies behind. */
const SHORTEST_OWNED_BYTES = 128;
/** Characters of base64 for a saved conversation (`BLOCK_BYTES`), with room for longer ones of other versions. */
const STATE_CHARACTERS = 16_384;

/** Memory that stays in one place, so that wiping it leaves nothing; not shorter than asked for. */
export function ownedBytes(length: number): Uint8Array {
  return new Uint8Array(Math.max(length, SHORTEST_OWNED_BYTES));
}

/** A message in memory that the reader of it wipes. */
export interface OwnedMessage {
  readonly text: Uint8Array;
  readonly options: AssessOptions;
}

/** A turn of a conversation, likewise. */
export interface OwnedTurn {
  readonly text: Uint8Array;
  readonly turn: TurnOptions;
  /** The saved conversation, if it is not the first turn. */
  readonly state?: Uint8Array;
}

/**
 * Reads a message that is a JSON object in `bytes[start..end)`.
 *
 * @param defaults what holds where the object does not say otherwise
 * @throws EarshotError as `readJsonLine`
 */
export function readMessage(bytes: Uint8Array, start: number, end: number, defaults: AssessOptions): OwnedMessage {
  // No text is longer than what it is written in.
  const text = ownedBytes(end - start);
  const { fields, textLength } = readJsonLine(bytes, start, end, false, text);
  return { text: text.subarray(0, textLength), options: { ...defaults, ...contextOf(fields) } };
}

/**
 * Reads a turn, a JSON object with `speaker`, and mostly `at` and `state`, besides.
 *
 * @throws EarshotError as `readJsonLine`; `FIELD_INVALID` without a speaker, and for a time that is no number
 */
export function readTurn(bytes: Uint8Array, start: number, end: number, defaults: AssessOptions): OwnedTurn {
  const text = ownedBytes(end - start);
  const written = createSink(new Uint8Array(STATE_CHARACTERS));
  try {
    const { fields, textLength } = readJsonLine(bytes, start, end, false, text, written);
    const { speaker, at } = fields;
    if (speaker === undefined || typeof at === "string") {
      text.fill(0);
      throw new EarshotError("FIELD_INVALID");
    }
    return {
      text: text.subarray(0, textLength),
      turn: { ...defaults, ...contextOf(fields), by: speaker, ...(at !== undefined && { at }) },
      ...(written.length > 0 && { state: fromBase64(written.bytes.subarray(0, written.length)) }),
    };
  } finally {
    clearSink(written);
  }
}

function contextOf({ id, language, country, age }: JsonLineFields): AssessOptions {
  return {
    ...(id !== undefined && { id }),
    ...(language !== undefined && { language }),
    ...(country !== undefined && { country }),
    ...(age !== undefined && { age }),
  };
}

/** Of the block of a conversation only, which holds numbers; one that is no base64 fails its own check later. */
function fromBase64(characters: Uint8Array): Uint8Array {
  const { buffer, byteOffset, length } = characters;
  return Buffer.from(Buffer.from(buffer, byteOffset, length).toString("latin1"), "base64");
}
