import type { IncomingMessage, ServerResponse } from "node:http";
import { EarshotError } from "../errors.js";
import type { Account } from "./admission.js";
import { sendError } from "./answer.js";
import { type Body, takeBody } from "./body.js";
import type { Limits } from "./limits.js";

/** One request and its answer. */
export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly body: Body;
  readonly account: Account;
  /** Path and query, as they came. */
  readonly target: string;
  /** The path, once it is one that is known. */
  route: string;
}

/** Takes a request over, and wipes what is left of it when its answer was sent or its connection has ended. */
export function openExchange(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  account: Account,
  { messageBytes }: Limits,
  onBytes: () => void,
): Exchange {
  // One byte more, so that a message over the limit shows.
  const body = takeBody(incoming, messageBytes + 1, onBytes);
  outgoing.on("error", () => {});
  outgoing.on("close", () => {
    body.discard();
    account.close();
  });
  return { incoming, outgoing, body, account, target: incoming.url ?? "", route: "" };
}

/** Answers by an error, after most of the body was read and wiped: who is cut off while sending sees no answer. */
export async function refuse(
  { incoming, outgoing, body }: Exchange,
  error: EarshotError,
  limits: Limits,
): Promise<void> {
  if (!outgoing.headersSent) {
    body.discard();
    if (!incoming.complete) await body.discarded(limits.discardedBytes, limits.discardTimeoutMs);
    // What is still to come would be taken for the next request.
    if (!incoming.complete) outgoing.setHeader("Connection", "close");
  }
  sendError(outgoing, error);
}

/**
 * The media type of a body in lower case, without its parameters.
 *
 * @throws EarshotError `MEDIA_TYPE_UNSUPPORTED` for one that is compressed, or in another encoding than UTF-8
 */
export function mediaTypeOf({ headers }: IncomingMessage): string {
  const encoding = headers["content-encoding"] ?? "identity";
  const [type, ...parameters] = (headers["content-type"] ?? "").toLowerCase().split(";");
  const isUtf8 = parameters.every((parameter) => {
    const [name, value] = parameter.split("=", 2).map((part) => part.trim());
    return name !== "charset" || /^"?(utf-8|utf8|us-ascii)"?$/.test(value ?? "");
  });
  if (encoding.toLowerCase() !== "identity" || !isUtf8) throw new EarshotError("MEDIA_TYPE_UNSUPPORTED");
  return type.trim();
}
