import type { ClientRequest } from "node:http";
import type { ClientMessage } from "./client-types.js";
import { encodeMessage } from "./encode.js";
import { contextFields } from "./fields.js";

/** Messages that are being sent. */
export interface Sending {
  /** How many were handed to the connection. */
  readonly sent: () => number;
  /** Whether there will be no more. */
  readonly ended: () => boolean;
  /** Throws what the messages threw, if they did. */
  readonly rethrow: () => void;
}

/** Sends messages as lines, the next one when the connection has room, and ends the request when there are no more. */
export function startSending(
  outgoing: ClientRequest,
  messages: AsyncIterable<ClientMessage> | Iterable<ClientMessage>,
  onSent: () => void,
): Sending {
  let sent = 0;
  let ended = false;
  let thrown: { readonly error: unknown } | undefined;

  const sendAll = async (): Promise<void> => {
    for await (const message of messages) {
      if (outgoing.destroyed) return;
      const line = encodeMessage(message.text, contextFields(message));
      // Called in any case: when the system has the line, and when it never will.
      const hasRoom = outgoing.write(line, () => line.fill(0));
      sent += 1;
      onSent();
      if (!hasRoom) await drained(outgoing);
    }
  };

  outgoing.flushHeaders();
  sendAll()
    .catch((error: unknown) => {
      thrown = { error };
    })
    .finally(() => {
      ended = true;
      outgoing.end();
    });

  return {
    sent: () => sent,
    ended: () => ended,
    rethrow: () => {
      if (thrown !== undefined) throw thrown.error;
    },
  };
}

/** Waits until the connection has room again, or is gone. */
function drained(outgoing: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off("drain", done).off("close", done);
      resolve();
    };
    if (outgoing.destroyed) resolve();
    else outgoing.on("drain", done).on("close", done);
  });
}
