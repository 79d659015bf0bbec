import type { ServerResponse } from "node:http";
import { EarshotError, type EarshotErrorCode } from "../errors.js";
import { RETRY_AFTER_SECONDS } from "./limits.js";
import { errorAnswer, mayBeRepeated, statusOf } from "./status.js";

const JSON_TYPE = "application/json";

/** Headers of every answer: none may be kept anywhere on its way, or be taken for something else. */
export function beginAnswer(outgoing: ServerResponse, status: number, contentType: string): void {
  outgoing.statusCode = status;
  outgoing.setHeader("Content-Type", contentType);
  outgoing.setHeader("Cache-Control", "no-store");
  outgoing.setHeader("X-Content-Type-Options", "nosniff");
}

/** Sends a whole answer; nobody is there to send it to when the connection has ended. */
export function sendText(outgoing: ServerResponse, status: number, contentType: string, text: string): void {
  if (outgoing.destroyed || outgoing.headersSent) return;
  beginAnswer(outgoing, status, contentType);
  const bytes = Buffer.from(text);
  outgoing.setHeader("Content-Length", bytes.length);
  outgoing.end(bytes);
}

/** Sends an object as JSON. */
export function sendJson(outgoing: ServerResponse, status: number, body: object): void {
  sendText(outgoing, status, JSON_TYPE, JSON.stringify(body));
}

/** Sends an error. What is under way already can only be cut off, which tells the asker that it is not whole. */
export function sendError(outgoing: ServerResponse, error: EarshotError): void {
  if (outgoing.headersSent) {
    outgoing.destroy();
    return;
  }
  if (mayBeRepeated(error.code)) outgoing.setHeader("Retry-After", RETRY_AFTER_SECONDS);
  if (error.code === "TOKEN_MISSING") outgoing.setHeader("WWW-Authenticate", "Bearer");
  sendJson(outgoing, statusOf(error.code), errorAnswer(error));
}

/** The same as bytes, for a connection on which no request could be made out. */
export function rawError(code: EarshotErrorCode): string {
  const body = JSON.stringify(errorAnswer(new EarshotError(code)));
  const reason = code === "REQUEST_TIMEOUT" ? "Request Timeout" : "Bad Request";
  return [
    `HTTP/1.1 ${statusOf(code)} ${reason}`,
    `Content-Type: ${JSON_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Cache-Control: no-store",
    "Connection: close",
    "",
    body,
  ].join("\r\n");
}
