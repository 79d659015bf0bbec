import type { ServerResponse } from "node:http";
import { EarshotError, type EarshotErrorCode } from "../errors.js";
import { orderedStream } from "../pool/ordered-stream.js";
import { createLineReader } from "../text/lines.js";
import type { AssessOptions } from "../triage.js";
import type { Assessment } from "../types.js";
import type { RejectedLine } from "../wire.js";
import { beginAnswer } from "./answer.js";
import type { Exchange } from "./exchange.js";
import { type OwnedMessage, readMessage } from "./intake.js";
import type { Limits } from "./limits.js";
import type { Scoring } from "./scoring.js";
import { toKnownError } from "./status.js";

const LINES_TYPE = "application/x-ndjson";

interface Held {
  /** Texts that were read and are not yet assessed. */
  readonly texts: Set<Uint8Array>;
  /** Whether nobody reads the answers any more. */
  isOver: boolean;
}

type ReadLine = { readonly line: number } & (OwnedMessage | { readonly error: EarshotErrorCode });

/**
 * Answers lines as they come, in their order. Lines wait where answers are not fetched or too many messages wait, and then
 * so does the sender: a few lines at most are held. A line that cannot be assessed has its code in its place.
 *
 * @param onRejected is told of each of those
 */
export async function answerLines(
  exchange: Exchange,
  scoring: Scoring,
  defaults: AssessOptions,
  limits: Limits,
  onRejected: (code: EarshotErrorCode) => void,
): Promise<void> {
  const { outgoing } = exchange;
  beginAnswer(outgoing, 200, LINES_TYPE);
  // A client may wait for it before it sends the first line.
  outgoing.flushHeaders();
  const held: Held = { texts: new Set(), isOver: false };
  const assessLine = async (read: ReadLine): Promise<Assessment | RejectedLine> => {
    const answer = "error" in read ? read : await assess(read, scoring);
    if ("text" in read) {
      read.text.fill(0);
      held.texts.delete(read.text);
    }
    if ("error" in answer) onRejected(answer.error);
    return answer;
  };
  const answers = orderedStream(readLines(exchange, held, defaults, limits), limits.linesAhead, assessLine);
  try {
    for await (const answer of answers) {
      if (outgoing.destroyed) break;
      if (!outgoing.write(`${JSON.stringify(answer)}\n`)) await drained(outgoing);
    }
  } finally {
    // One that was read ahead and that nobody will ask for.
    held.isOver = true;
    for (const text of held.texts) text.fill(0);
  }
  outgoing.end();
}

async function* readLines(
  { body, account }: Exchange,
  held: Held,
  defaults: AssessOptions,
  { messageBytes }: Limits,
): AsyncGenerator<ReadLine, void, undefined> {
  const reader = createLineReader(body.read, { maximumLineBytes: messageBytes });
  const hold = (): void => {
    let bytes = body.waiting + reader.line.bytes.length;
    for (const { buffer } of held.texts) bytes += buffer.byteLength;
    account.hold(bytes);
  };
  const readLine = (): ReadLine => {
    const { bytes, start, end, number, truncated } = reader.line;
    try {
      if (truncated) throw new EarshotError("BODY_TOO_LARGE");
      const message = readMessage(bytes, start, end, defaults);
      held.texts.add(message.text);
      return { line: number, ...message };
    } catch (error) {
      return { line: number, error: toKnownError(error).code };
    } finally {
      reader.wipeLine();
    }
  };
  try {
    for (;;) {
      while (!held.isOver && reader.next()) {
        hold();
        yield readLine();
      }
      if (body.ended || held.isOver) return;
      hold();
      await body.changed();
    }
  } finally {
    reader.close();
  }
}

async function assess(
  { line, text, options }: { line: number } & OwnedMessage,
  scoring: Scoring,
): Promise<Assessment | RejectedLine> {
  try {
    return await scoring.assessInStream(text, options);
  } catch (error) {
    return { line, error: toKnownError(error).code };
  }
}

/** Resolves when more can be written, or when nobody is there to read it. */
function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off("drain", done);
      outgoing.off("close", done);
      resolve();
    };
    outgoing.on("drain", done);
    outgoing.on("close", done);
    if (outgoing.destroyed) done();
  });
}
