import type { IncomingMessage } from "node:http";
import { EarshotError, type EarshotErrorCode } from "../errors.js";
import type { ReadBytes } from "../text/lines.js";
import { ownedBytes } from "./intake.js";

const NOTHING = new Uint8Array(0);

/** The body of a request, taken out of the hands of Node.js, which would leave it in memory. */
export interface Body {
  /** Bytes that have arrived and were not yet read. */
  readonly waiting: number;
  /** Whether all of it has arrived. */
  readonly ended: boolean;
  /**
   * Moves what has arrived into the caller's array and wipes it here; 0 at the end, -1 when more is still to come.
   *
   * @throws EarshotError `REQUEST_ABORTED`, or what `fail` was called with
   */
  readonly read: ReadBytes;
  /** Resolves when more has arrived, or all, or when no more will. */
  changed(): Promise<void>;
  /** Gives up: `read` throws this code from now on, and what comes is wiped unread. */
  fail(code: EarshotErrorCode): void;
  /** Wipes what is here, and what is still to come as it comes. */
  discard(): void;
  /** Resolves when the body has ended, or so much of it was discarded, or so much time is over. */
  discarded(bytes: number, timeoutMs: number): Promise<void>;
}

/**
 * Takes the body of a request over; to be called at once for every request, or Node.js drops the body of one that nobody
 * reads without wiping it.
 *
 * @param aheadBytes from how many waiting bytes on the sender is asked to pause
 * @param onBytes is called whenever bytes were read from the connection
 */
export function takeBody(incoming: IncomingMessage, aheadBytes: number, onBytes: () => void): Body {
  let chunks: Uint8Array[] = [];
  let waiting = 0;
  let discardedBytes = 0;
  let isDiscarding = false;
  let ended = false;
  let failure: EarshotErrorCode | undefined;
  let waiters: (() => void)[] = [];

  const wake = (): void => {
    const woken = waiters;
    waiters = [];
    for (const resolve of woken) resolve();
  };

  const wipe = (): void => {
    for (const chunk of chunks) chunk.fill(0);
    chunks = [];
    waiting = 0;
  };

  const fail = (code: EarshotErrorCode): void => {
    if (ended) return;
    failure ??= code;
    discard();
    wake();
  };

  const breakOff = (): void => {
    isDiscarding = true;
    wipe();
    wipeUnread(incoming);
    if (!ended) failure ??= "REQUEST_ABORTED";
    wake();
  };

  const discard = (): void => {
    isDiscarding = true;
    wipe();
    incoming.resume();
  };

  incoming.on("data", (chunk: Uint8Array) => {
    onBytes();
    if (isDiscarding) {
      chunk.fill(0);
      discardedBytes += chunk.length;
    } else {
      chunks.push(chunk);
      waiting += chunk.length;
      if (waiting >= aheadBytes) incoming.pause();
    }
    wake();
  });
  incoming.on("end", () => {
    ended = true;
    wake();
  });
  incoming.on("error", breakOff);
  incoming.on("close", () => {
    // Of a whole one that is being read, nothing may be lost.
    if (!ended) breakOff();
  });

  const changed = (): Promise<void> => new Promise((resolve) => waiters.push(resolve));

  return {
    get waiting() {
      return waiting;
    },
    get ended() {
      return ended;
    },
    read(into, start, length) {
      if (failure !== undefined) throw new EarshotError(failure);
      let taken = 0;
      while (taken < length && chunks.length > 0) {
        const [chunk] = chunks;
        const part = chunk.subarray(0, length - taken);
        into.set(part, start + taken);
        part.fill(0);
        taken += part.length;
        if (part.length === chunk.length) chunks.shift();
        else chunks[0] = chunk.subarray(part.length);
      }
      waiting -= taken;
      if (waiting < aheadBytes && incoming.isPaused()) incoming.resume();
      return taken === 0 && !ended ? -1 : taken;
    },
    changed,
    fail,
    discard,
    async discarded(bytes, timeoutMs) {
      let isOver = false;
      const timer = setTimeout(() => {
        isOver = true;
        wake();
      }, timeoutMs);
      while (!ended && !incoming.destroyed && !isOver && discardedBytes < bytes) await changed();
      clearTimeout(timer);
    },
  };
}

/**
 * Wipes what a stream that broke off while it was paused still holds. Byte by byte, because a longer read gives a copy of
 * what lies in several pieces and drops the pieces as they are.
 */
function wipeUnread(incoming: IncomingMessage): void {
  incoming.pause();
  for (let byte = incoming.read(1); byte !== null; byte = incoming.read(1)) byte.fill(0);
}

/**
 * Waits for a whole body and returns it in memory that the caller has to wipe, and its length.
 *
 * @param hold is told how many bytes are held, and may throw
 * @throws EarshotError `BODY_TOO_LARGE`, `REQUEST_TIMEOUT`, `REQUEST_ABORTED`
 */
export async function readWhole(
  body: Body,
  maximumBytes: number,
  timeoutMs: number,
  hold: (bytes: number) => void,
): Promise<{ readonly bytes: Uint8Array; readonly length: number }> {
  const timer = setTimeout(() => body.fail("REQUEST_TIMEOUT"), timeoutMs);
  try {
    // An empty read throws what the request failed of.
    while (body.read(NOTHING, 0, 0) < 0 && body.waiting <= maximumBytes) {
      hold(body.waiting);
      await body.changed();
    }
  } finally {
    clearTimeout(timer);
  }
  const length = body.waiting;
  if (length > maximumBytes) throw new EarshotError("BODY_TOO_LARGE", { maximumBytes });
  // As pieces and in one.
  hold(length * 2);
  const bytes = ownedBytes(length);
  body.read(bytes, 0, length);
  return { bytes, length };
}
