import { connect as openSocket, type Socket } from "node:net";
import type { Transport } from "nats/lib/nats-base-client/internal_mod.js";
import { NodeTransport } from "nats/lib/src/node_transport.js";
import { createWholeMessages } from "./whole-messages.js";

const READ_BYTES = 65_536;
/** SSL_OP_CLEANSE_PLAINTEXT, since OpenSSL 3.0: wipes what was decrypted once it is passed on. Node.js has no name for it. */
const WIPE_PLAINTEXT = 2;

/**
 * The connection of the NATS client over TCP or TLS, changed so that nothing of a message stays: the socket reads into one
 * buffer that is wiped, OpenSSL wipes its own, and every message lies in one array that is wiped when its handler returns.
 *
 * A handler must therefore copy what it needs before it waits for anything.
 */
export function createTransport(): Transport {
  const transport = new NodeTransport();
  const chunks = transport.iterate.bind(transport);
  const startTls = transport.startTLS.bind(transport);
  transport.dial = ({ hostname, port }) => dial(hostname, port);
  transport.startTLS = () => {
    const tls = { ...transport.options.tls, secureOptions: WIPE_PLAINTEXT };
    transport.options = { ...transport.options, tls };
    return startTls();
  };
  transport.iterate = () => wholeMessages(chunks(), transport);
  return transport;
}

/** Without `onread`, Node.js reads into buffers of its own, which from Node.js 24 on leave a copy behind. */
function dial(host: string, port: number): Promise<Socket> {
  const buffer = new Uint8Array(new ArrayBuffer(READ_BYTES));
  return new Promise((resolve, reject) => {
    const socket = openSocket({
      host,
      port,
      noDelay: true,
      onread: {
        buffer,
        callback(count) {
          const chunk = new Uint8Array(new ArrayBuffer(count));
          chunk.set(buffer.subarray(0, count));
          buffer.fill(0, 0, count);
          socket.emit("data", chunk);
          return true;
        },
      },
    });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.removeAllListeners();
      resolve(socket);
    });
  });
}

async function* wholeMessages(
  chunks: AsyncIterable<Uint8Array>,
  transport: NodeTransport,
): AsyncIterableIterator<Uint8Array> {
  const messages = createWholeMessages();
  // The client leaves its iterator waiting when the connection ends.
  transport.closed().then(() => {
    messages.close();
    for (const chunk of transport.yields) chunk.fill(0);
  });
  try {
    for await (const chunk of chunks) {
      const whole = messages.take(chunk);
      if (whole === undefined) continue;
      try {
        yield whole;
      } finally {
        whole.fill(0);
      }
    }
  } catch {
    // Not the protocol: nothing that follows could be understood. The client connects anew.
    messages.close();
    transport.disconnect();
  }
}
