import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/**
 * node:http reads every connection of a thread into one buffer of this size (`kAllocBufferSize` in src/node_http_parser.cc
 * of Node.js), in which the last bytes stay until other bytes are read over them.
 */
const READ_BUFFER_BYTES = 65_536;
/** Milliseconds from the first byte that arrived to the scrub that follows it. */
const SCRUB_DELAY_MS = 5;
/**
 * Milliseconds after an answer within which Node.js's read buffer holds nothing of the request any more, as long as the
 * thread is not kept busy. The scrub itself takes well under one millisecond.
 */
export const SCRUBBED_WITHIN_MS = 50;

const ZEROS = new Uint8Array(READ_BUFFER_BYTES);
// As many bytes as a double can count: a request that never ends.
const ENDLESS_REQUEST = `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${Number.MAX_SAFE_INTEGER}\r\n\r\n`;

/** Overwrites Node.js's read buffer after requests. */
export interface Scrubber {
  /** Says that bytes of a request were read; cheap, to be called for each piece. */
  schedule(): void;
  /** Resolves when no byte that was read before the call is in the buffer any more. */
  settled(): Promise<void>;
  /** Scrubs once more if need be, and closes its connection. */
  close(): Promise<void>;
}

interface Loop {
  readonly client: Socket;
  /** The server's end. */
  readonly accepted: Socket;
  /** Called with the length of each piece that was read. */
  onRead: (length: number) => void;
}

/**
 * Opens a connection of this process to itself, over which zeros are read into the buffer that all connections share. No
 * listener stays open: it ends as soon as the one connection is there.
 */
export async function createScrubber(): Promise<Scrubber> {
  let loop: Loop | undefined = await openLoop();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let closed = false;

  const scrub = async (): Promise<void> => {
    try {
      if (loop === undefined || loop.client.destroyed) loop = await openLoop();
      while (!(await fillOnce(loop))) await pause();
    } catch {
      // The connection was cut from outside; the next request opens another.
      loop = undefined;
    }
  };

  /** Starts a scrub after the one that runs, which may have begun before the last bytes were read. */
  const start = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const scrubbed = (running ?? Promise.resolve()).then(scrub).then(() => {
      if (running === scrubbed) running = undefined;
    });
    running = scrubbed;
    return scrubbed;
  };

  const settled = async (): Promise<void> => {
    if (timer !== undefined) await start();
    await running;
  };

  return {
    schedule() {
      if (timer === undefined && !closed) timer = setTimeout(start, SCRUB_DELAY_MS);
    },
    settled,
    async close() {
      await settled();
      closed = true;
      clearTimeout(timer);
      loop?.client.destroy();
      loop?.accepted.destroy();
    },
  };
}

/** Sends as many zeros as the buffer holds; whether one read took them all, so that no other byte is left in it. */
async function fillOnce(loop: Loop): Promise<boolean> {
  let isFilled = false;
  let left = ZEROS.length;
  await new Promise<void>((resolve, reject) => {
    loop.client.once("close", reject);
    loop.onRead = (length) => {
      left -= length;
      if (length === READ_BUFFER_BYTES) isFilled = true;
      if (left > 0) return;
      loop.client.off("close", reject);
      resolve();
    };
    // Only meanwhile does it keep the process running: who waits for a scrub must see its end.
    loop.accepted.ref();
    loop.client.write(ZEROS);
  }).finally(() => loop.accepted.unref());
  return isFilled;
}

async function openLoop(): Promise<Loop> {
  // The only request lasts as long as the process, so no time-out may end it.
  const server = createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 });
  await listen(server);
  const requested = once(server, "request");
  const client = connect(server.address() as AddressInfo & string);
  client.on("error", () => {});
  client.write(ENDLESS_REQUEST);
  const [incoming] = await requested;
  server.close();
  const loop: Loop = { client, accepted: incoming.socket, onRead: () => {} };
  incoming.on("data", (chunk: Uint8Array) => loop.onRead(chunk.length));
  incoming.on("error", () => {});
  // Between scrubs, neither end keeps the process running.
  client.unref();
  loop.accepted.unref();
  return loop;
}

async function listen(server: Server): Promise<void> {
  // An abstract socket needs no file and works where there is no network at all; only Linux has it.
  if (process.platform === "linux") server.listen({ path: `\0earshot-${randomBytes(16).toString("hex")}` });
  else server.listen({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, SCRUB_DELAY_MS));
}
