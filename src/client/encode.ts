import { EarshotError } from "../errors.js";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 0x20;
const HEX = new TextEncoder().encode("0123456789abcdef");
const ESCAPED_CONTROL_BYTES = 6;

/** Arrays of up to 64 bytes lie among the objects of V8, which moves them about and leaves copies behind. */
const SHORTEST_OWNED_BYTES = 128;

const encoder = new TextEncoder();
const TAIL = encoder.encode('"}\n');

/**
 * A message as one JSON object and a line feed, in bytes that the caller wipes. The text stands last, so that a service that
 * has to cut it has read the rest. Bytes that are not UTF-8 pass as they are: the service says how many there were.
 *
 * @param fields what is known of the message; undefined ones are left out
 * @throws EarshotError `INPUT_INVALID` when the text is neither string nor bytes, or a field cannot be JSON
 */
export function encodeMessage(text: Uint8Array | string, fields: Readonly<Record<string, unknown>>): Uint8Array {
  const head = encodeFields(fields);
  if (text instanceof Uint8Array) return encodeBytes(text, head);
  if (typeof text !== "string") throw new EarshotError("INPUT_INVALID");
  const bytes = ownedBytes(text.length * 3);
  const { written } = encoder.encodeInto(text, bytes);
  try {
    return encodeBytes(bytes.subarray(0, written), head);
  } finally {
    bytes.fill(0);
  }
}

/** Everything up to the quotation mark before the text. */
function encodeFields(fields: Readonly<Record<string, unknown>>): Uint8Array {
  let json: string;
  try {
    json = JSON.stringify(fields);
  } catch {
    throw new EarshotError("INPUT_INVALID");
  }
  const known = json.slice(0, -1);
  return encoder.encode(`${known === "{" ? known : `${known},`}"text":"`);
}

function encodeBytes(text: Uint8Array, head: Uint8Array): Uint8Array {
  const length = head.length + escapedLength(text) + TAIL.length;
  const result = ownedBytes(length).subarray(0, length);
  result.set(head);
  let at = head.length;
  for (let index = 0; index < text.length; index += 1) {
    const byte = text[index];
    if (byte < FIRST_PRINTABLE) {
      result.set([BACKSLASH, 0x75, HEX[0], HEX[0], HEX[byte >> 4], HEX[byte & 15]], at);
      at += ESCAPED_CONTROL_BYTES;
    } else {
      if (byte === QUOTE || byte === BACKSLASH) result[at++] = BACKSLASH;
      result[at++] = byte;
    }
  }
  result.set(TAIL, at);
  return result;
}

function escapedLength(text: Uint8Array): number {
  let length = 0;
  for (let index = 0; index < text.length; index += 1) {
    const byte = text[index];
    length += byte < FIRST_PRINTABLE ? ESCAPED_CONTROL_BYTES : byte === QUOTE || byte === BACKSLASH ? 2 : 1;
  }
  return length;
}

function ownedBytes(length: number): Uint8Array {
  return new Uint8Array(Math.max(length, SHORTEST_OWNED_BYTES));
}
