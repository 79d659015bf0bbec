import { createInbox, type NatsConnection } from "nats";

/** More than one full TLS record, 16 KiB, wherever in it the message begins. */
const SCRUB_BYTES = 32_768;
/** After which one that did not come back is given up: the connection has broken in between. */
const LOST_AFTER_MS = 2_000;

/** Overwrites what TLS keeps of the last message. */
export interface Scrub {
  /** To be called when a message has come. Never throws. */
  request(): void;
  /** Resolves when it has worked for the first time. */
  readonly worked: Promise<void>;
}

/** Sends zeros through the server to this program itself: one message at a time, and one more if it was asked for meanwhile. */
export function createScrub(connection: NatsConnection): Scrub {
  const inbox = createInbox();
  const zeros = new Uint8Array(Math.min(SCRUB_BYTES, connection.info?.max_payload ?? SCRUB_BYTES));
  let sentAt = Number.NEGATIVE_INFINITY;
  let isAskedAgain = false;
  let hasWorked: () => void = () => {};
  const worked = new Promise<void>((resolve) => {
    hasWorked = resolve;
  });

  const send = (): void => {
    isAskedAgain = false;
    try {
      connection.publish(inbox, zeros);
      sentAt = performance.now();
    } catch {
      // The connection was closed: its buffers are gone.
    }
  };
  connection.subscribe(inbox, {
    callback(error) {
      if (error !== null) return;
      sentAt = Number.NEGATIVE_INFINITY;
      hasWorked();
      if (isAskedAgain) send();
    },
  });
  return {
    request() {
      if (performance.now() - sentAt > LOST_AFTER_MS) send();
      else isAskedAgain = true;
    },
    worked,
  };
}
