import * as http from "node:http";
import * as https from "node:https";
import { EarshotError } from "../errors.js";
import type { ClientOptions } from "./client-types.js";

/** The way to one service. */
export interface Connection {
  /**
   * Begins a request, on a connection of its own if it is to be `alone`.
   *
   * @throws EarshotError `CLOSED`
   */
  open(method: "GET" | "POST", path: string, headers: http.OutgoingHttpHeaders, alone: boolean): http.ClientRequest;
  /** Ends everything that is on its way. */
  close(): void;
}

/**
 * Prepares connections, which are kept open between requests and opened when needed.
 *
 * @throws EarshotError `INPUT_INVALID` when address or token cannot be
 */
export function createConnection(options: ClientOptions): Connection {
  const { token } = options;
  // What a header may hold; anything else would make node:http throw later, in the middle of a call.
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) throw new EarshotError("INPUT_INVALID");
  const { secure, prefix, target } = readAddress(options);
  const { Agent, request } = secure ? https : http;
  const agent = new Agent({ keepAlive: true });
  const running = new Set<http.ClientRequest>();
  let closed = false;
  return {
    open: (method, path, headers, alone) => {
      if (closed) throw new EarshotError("CLOSED");
      const outgoing = request({
        ...target,
        method,
        path: prefix + path,
        headers: {
          accept: "application/json",
          ...headers,
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        agent: alone ? false : agent,
      });
      running.add(outgoing);
      outgoing.once("close", () => running.delete(outgoing));
      return outgoing;
    },
    close: () => {
      closed = true;
      for (const outgoing of running) outgoing.destroy();
      agent.destroy();
    },
  };
}

function readAddress({ url, socketPath }: ClientOptions): {
  readonly secure: boolean;
  readonly prefix: string;
  readonly target: http.RequestOptions;
} {
  if (socketPath !== undefined && url === undefined) return { secure: false, prefix: "", target: { socketPath } };
  let parsed: URL;
  try {
    if (url === undefined || socketPath !== undefined) throw new EarshotError("INPUT_INVALID");
    parsed = new URL(url);
  } catch {
    throw new EarshotError("INPUT_INVALID");
  }
  const { protocol, hostname, port, pathname, username, search, hash } = parsed;
  if (!/^https?:$/.test(protocol) || username + search + hash !== "") throw new EarshotError("INPUT_INVALID");
  return {
    secure: protocol === "https:",
    prefix: pathname.replace(/\/$/, ""),
    // An IPv6 address stands in brackets only inside a URL.
    target: { hostname: hostname.replace(/^\[|\]$/g, ""), ...(port !== "" && { port }) },
  };
}
