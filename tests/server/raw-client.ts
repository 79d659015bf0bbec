import { connect } from "node:net";
import { setImmediate, setTimeout } from "node:timers/promises";

const LONGEST_SENDING_MS = 300;

/** One answer, read strictly. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** What happened on one connection. */
export interface Exchange {
  readonly answers: readonly RawAnswer[];
  /** Bytes after the last whole answer. */
  readonly rest: number;
  readonly received: Buffer;
  /** How it ended: by this side, by the server in order, by a reset, or not within the time. */
  readonly ended: "enough" | "closed" | "reset" | "timeout";
}

/** What to send. */
export interface Sending {
  readonly pieces: readonly Uint8Array[];
  /** After the last piece: wait for the answers, say that no more comes, or break the connection off. */
  readonly ending: "answer" | "end" | "destroy";
  /** Answers to wait for; 1 by default. */
  readonly answers?: number;
  /** The answer has no body whatever its headers say. */
  readonly isHead?: boolean;
}

/** Sends bytes as they are to a server on this machine and collects what comes back. */
export async function exchange(port: number, sending: Sending, timeoutMs: number): Promise<Exchange> {
  const { pieces, ending, answers: wanted = 1, isHead = false } = sending;
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  const chunks: Buffer[] = [];
  let resolveEnd: (ended: Exchange["ended"]) => void = () => {};
  const whenEnded = new Promise<Exchange["ended"]>((resolve) => {
    resolveEnd = resolve;
  });
  const timer = globalThis.setTimeout(() => resolveEnd("timeout"), timeoutMs);
  socket.on("data", (chunk) => {
    chunks.push(chunk);
    if (ending === "answer" && readAnswers(Buffer.concat(chunks), isHead).answers.length >= wanted)
      resolveEnd("enough");
  });
  socket.on("end", () => resolveEnd("closed"));
  socket.on("error", () => resolveEnd("reset"));
  socket.on("close", () => resolveEnd("closed"));
  let sent: Promise<unknown> = Promise.resolve();
  for (const [index, piece] of pieces.entries()) {
    sent = new Promise((resolve) => socket.write(piece, resolve));
    // A turn of the event loop in between, so that the pieces arrive one by one.
    if (index + 1 < pieces.length) await setImmediate();
  }
  if (ending === "end") socket.end();
  if (ending === "destroy") {
    // Before it is connected nothing is sent at all; but not everything is taken by a server that has enough.
    await Promise.race([sent, whenEnded, setTimeout(LONGEST_SENDING_MS)]);
    resolveEnd("enough");
  }
  const ended = await whenEnded;
  clearTimeout(timer);
  socket.destroy();
  const received = Buffer.concat(chunks);
  return { ...readAnswers(received, isHead), received, ended };
}

/** Reads whole answers and skips those that only say that the server goes on (1xx). Throws at what is no HTTP/1.1. */
export function readAnswers(bytes: Buffer, isHead = false): { answers: RawAnswer[]; rest: number } {
  const answers: RawAnswer[] = [];
  let start = 0;
  for (;;) {
    const headerEnd = bytes.indexOf("\r\n\r\n", start);
    if (headerEnd < 0) break;
    const [statusLine, ...lines] = bytes.toString("latin1", start, headerEnd).split("\r\n");
    const status = Number(/^HTTP\/1\.1 (\d{3}) [\x20-\x7e]*$/.exec(statusLine)?.[1]);
    if (!(status >= 100)) throw new Error("not an HTTP/1.1 answer");
    const headers = new Map(
      lines.map((line) => {
        const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([\x20-\x7e]*)$/.exec(line) ?? [];
        if (name === undefined) throw new Error("not a header line");
        return [name.toLowerCase(), value];
      }),
    );
    const hasBody = !isHead && status >= 200 && status !== 204 && status !== 304;
    const body = hasBody ? readBody(bytes, headerEnd + 4, headers) : { content: Buffer.of(), end: headerEnd + 4 };
    if (body === undefined) break;
    if (status >= 200) answers.push({ status, headers, body: body.content });
    start = body.end;
  }
  return { answers, rest: bytes.length - start };
}

function readBody(
  bytes: Buffer,
  start: number,
  headers: ReadonlyMap<string, string>,
): { content: Buffer; end: number } | undefined {
  const length = headers.get("content-length");
  if (length !== undefined) {
    const end = start + Number(length);
    return end > bytes.length ? undefined : { content: bytes.subarray(start, end), end };
  }
  if (headers.get("transfer-encoding") !== "chunked") return { content: bytes.subarray(start), end: bytes.length };
  const parts: Buffer[] = [];
  for (let position = start; ; ) {
    const lineEnd = bytes.indexOf("\r\n", position);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(bytes.toString("latin1", position, lineEnd), 16);
    const end = lineEnd + 2 + size;
    if (end + 2 > bytes.length) return undefined;
    parts.push(bytes.subarray(lineEnd + 2, end));
    position = end + 2;
    if (size === 0) return { content: Buffer.concat(parts), end: position };
  }
}
