import { EarshotError } from "../errors.js";

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const ZERO = 0x30;
const LINE_END_BYTES = 2;
const FIRST_BYTES = 65_536;

/** The first letters of what a server says, in lower case: INFO, PING and PONG, +OK, -ERR; and MSG and HMSG with a payload. */
const WITHOUT_PAYLOAD: ReadonlySet<number> = new Set(Array.from("ip+-", (letter) => letter.charCodeAt(0)));
const WITH_PAYLOAD: ReadonlySet<number> = new Set(Array.from("mh", (letter) => letter.charCodeAt(0)));

/** Cuts a stream of bytes where a message ends. */
export interface WholeMessages {
  /**
   * Takes a part of the stream over and wipes it. Returns the messages that are whole now, in an array of their own that
   * the caller wipes; undefined when none is.
   *
   * @throws EarshotError `INTERNAL` when it is not the protocol
   */
  take(chunk: Uint8Array): Uint8Array | undefined;
  /** Wipes what is held of a message that is not whole, and from now on whatever comes. */
  close(): void;
}

/**
 * Holds back the beginning of a message until its end has come, in memory that is wiped. The parser of the NATS client
 * would keep it in buffers that grow by copying, of which nobody wipes the old ones, and would print what it cannot read.
 *
 * Protocol: https://docs.nats.io/reference/reference-protocols/nats-protocol, the part that a server sends.
 */
export function createWholeMessages(): WholeMessages {
  let held = ownBytes(FIRST_BYTES);
  let length = 0;
  /** Bytes that the first message takes, as far as that is known. */
  let needed = 1;
  let closed = false;

  const append = (chunk: Uint8Array): void => {
    if (length + chunk.length > held.length) {
      const larger = ownBytes(Math.max(2 * held.length, length + chunk.length));
      larger.set(held.subarray(0, length));
      held.fill(0, 0, length);
      held = larger;
    }
    held.set(chunk, length);
    length += chunk.length;
    chunk.fill(0);
  };

  return {
    take(chunk) {
      if (closed) {
        chunk.fill(0);
        return undefined;
      }
      append(chunk);
      if (length < needed) return undefined;
      let end = 0;
      for (;;) {
        needed = messageLength(held, end, length);
        if (end + needed > length) break;
        end += needed;
      }
      if (end === 0) return undefined;
      const whole = ownBytes(end);
      whole.set(held.subarray(0, end));
      held.copyWithin(0, end, length);
      held.fill(0, length - end, length);
      length -= end;
      return whole;
    },
    close() {
      held.fill(0, 0, length);
      length = 0;
      closed = true;
    },
  };
}

/** Bytes of the message that begins at `start`; one more than there are while that is not known. */
function messageLength(bytes: Uint8Array, start: number, end: number): number {
  if (start === end) return 1;
  const letter = bytes[start] < 0x40 ? bytes[start] : bytes[start] | 0x20;
  if (!WITHOUT_PAYLOAD.has(letter) && !WITH_PAYLOAD.has(letter)) throw new EarshotError("INTERNAL");
  const lineFeed = bytes.subarray(start, end).indexOf(LINE_FEED);
  if (lineFeed < 0) return end - start + 1;
  if (WITHOUT_PAYLOAD.has(letter)) return lineFeed + 1;
  const bodyEnd = lineFeed + 1 + lastNumber(bytes, start, start + lineFeed);
  const last = start + bodyEnd;
  // Otherwise the next message would be looked for inside of this one.
  if (last + 1 < end && !(bytes[last] === CARRIAGE_RETURN && bytes[last + 1] === LINE_FEED)) {
    throw new EarshotError("INTERNAL");
  }
  return bodyEnd + LINE_END_BYTES;
}

/** The number at the end of a line: the length of the payload. */
function lastNumber(bytes: Uint8Array, start: number, lineFeed: number): number {
  let value = 0;
  let scale = 1;
  let index = lineFeed - (bytes[lineFeed - 1] === CARRIAGE_RETURN ? 2 : 1);
  for (; index > start && bytes[index] !== SPACE; index -= 1) {
    const digit = bytes[index] - ZERO;
    if (!(digit >= 0 && digit <= 9)) throw new EarshotError("INTERNAL");
    value += digit * scale;
    scale *= 10;
  }
  return value;
}

/** Not in the heap of the engine, which copies short arrays about. */
function ownBytes(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(length));
}
