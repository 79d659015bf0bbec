import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { EarshotErrorCode } from "../errors.js";
import { rawError } from "./answer.js";
import type { Exchange } from "./exchange.js";
import type { Limits } from "./limits.js";

/** Connections over the limit that are still told so; beyond them, connections are closed without a word. */
const ROOM_TO_REFUSE = 64;

/** What Node.js says of a connection on which no request could be made out. */
interface ClientError extends Error {
  readonly code?: string;
  /** What was read last, in a copy. */
  readonly rawPacket?: Uint8Array;
}

/** The connections of a server. */
export interface Connections {
  /** Remembers the request that is answered on its connection. */
  serve(exchange: Exchange): void;
  /** Whether a connection is one too many. */
  isSurplus(socket: Socket): boolean;
  /** Takes no more, waits for the answers that are due, and cuts off what takes longer. */
  close(timeoutMs: number): Promise<void>;
}

/**
 * Counts the connections of a server and answers those that send no HTTP.
 *
 * @param onBytes is called when bytes were read that no request has
 * @param onRejected is told of every connection that was answered here
 */
export function createConnections(
  http: Server,
  { connections: maximum, discardTimeoutMs }: Limits,
  onBytes: () => void,
  onRejected: (code: EarshotErrorCode) => void,
): Connections {
  const surplus = new WeakSet<Duplex>();
  const latest = new WeakMap<Duplex, Exchange>();
  const unanswered = new WeakMap<Duplex, Set<ServerResponse>>();
  const refused = new WeakSet<Duplex>();
  let open = 0;
  let isClosing = false;

  http.maxConnections = maximum + ROOM_TO_REFUSE;
  http.on("connection", (socket) => {
    open += 1;
    if (open > maximum) {
      surplus.add(socket);
      // Room for the next one, if somebody only keeps theirs.
      http.closeIdleConnections();
    }
    const due = new Set<ServerResponse>();
    unanswered.set(socket, due);
    socket.on("close", () => {
      open -= 1;
      onBytes();
      // Node.js forgets answers whose turn had not come, and what they hold would be held for ever.
      setImmediate(() => {
        for (const outgoing of due) outgoing.emit("close");
      });
    });
  });

  const refuse = (socket: Duplex, code: EarshotErrorCode): void => {
    onRejected(code);
    socket.end(rawError(code));
    // Not at once: who is cut off while sending sees no answer.
    setTimeout(() => socket.destroy(), discardTimeoutMs).unref();
  };

  http.on("clientError", (error: ClientError, socket) => {
    error.rawPacket?.fill(0);
    onBytes();
    if (refused.has(socket)) return;
    refused.add(socket);
    const code = error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? "REQUEST_TIMEOUT" : "REQUEST_INVALID";
    const { incoming, outgoing } = latest.get(socket) ?? {};
    const isAnswering = outgoing !== undefined && !outgoing.writableFinished;
    if (!socket.writable || error.code === "ECONNRESET" || (isAnswering && outgoing.headersSent)) socket.destroy();
    // The answer to the request before comes first.
    else if (isAnswering && incoming?.complete) outgoing.once("finish", () => refuse(socket, code));
    else refuse(socket, code);
  });

  return {
    serve(exchange) {
      const { incoming, outgoing } = exchange;
      latest.set(incoming.socket, exchange);
      const due = unanswered.get(incoming.socket);
      due?.add(outgoing);
      outgoing.on("close", () => {
        due?.delete(outgoing);
        // Connections that were promised to stay open have no reason to any more.
        if (isClosing) setImmediate(() => http.closeIdleConnections());
      });
    },
    isSurplus: (socket) => surplus.has(socket),
    async close(timeoutMs) {
      isClosing = true;
      if (!http.listening) return;
      const closed = new Promise((resolve) => http.close(resolve));
      http.closeIdleConnections();
      const timer = setTimeout(() => http.closeAllConnections(), timeoutMs);
      await closed;
      clearTimeout(timer);
    },
  };
}
