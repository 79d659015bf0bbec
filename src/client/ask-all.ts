import { once } from "node:events";
import type { ClientRequest, IncomingMessage } from "node:http";
import { EarshotError, isEarshotError } from "../errors.js";
import type { Assessment } from "../types.js";
import type { RejectedLine } from "../wire.js";
import { codeOf, errorOf, expectAnswer, isAssessment, parseObject } from "./answers.js";
import { readText } from "./ask.js";
import type { ClientMessage } from "./client-types.js";
import type { Connection } from "./connection.js";
import { startSending } from "./send-all.js";

/** See `Client.assessAll`. */
export async function* askAll(
  connection: Connection,
  path: string,
  messages: AsyncIterable<ClientMessage> | Iterable<ClientMessage>,
  timeoutMs: number,
): AsyncGenerator<Assessment | RejectedLine, void, undefined> {
  // Alone, because one that was kept open may be closed just now, and messages that are streamed cannot be sent again.
  const outgoing = connection.open("POST", path, { "content-type": "application/x-ndjson" }, true);
  const sender = startSending(outgoing, messages, () => listen());
  let answered = 0;
  let timer: NodeJS.Timeout | undefined;
  let isListening = true;
  let incoming: IncomingMessage | undefined;

  /** Silence counts only while an answer is due and nobody here keeps it waiting. */
  const listen = (): void => {
    if (!isListening || sender.sent() === answered) return;
    timer ??= setTimeout(() => {
      (incoming ?? outgoing).destroy(new EarshotError("SERVICE_TIMEOUT", { sent: sender.sent(), answered }));
    }, timeoutMs);
  };
  const stopListening = (): void => {
    isListening = false;
    clearTimeout(timer);
    timer = undefined;
  };
  const orUnreachable = (error: unknown): unknown =>
    isEarshotError(error) ? error : new EarshotError("SERVICE_UNREACHABLE", { sent: sender.sent(), answered });

  try {
    incoming = await responseOf(outgoing, orUnreachable);
    const status = incoming.statusCode ?? 0;
    if (status !== 200) throw await refusalOf(status, incoming).catch(orUnreachable);
    for await (const line of linesOf(incoming, orUnreachable)) {
      stopListening();
      answered += 1;
      yield toResult(line, answered);
      isListening = true;
      listen();
    }
    if (!sender.ended() || answered !== sender.sent()) throw orUnreachable(undefined);
    sender.rethrow();
  } finally {
    stopListening();
    outgoing.destroy();
  }
}

/** The beginning of the answer. Later errors of the request show in the answer, so nobody else listens for them. */
async function responseOf(outgoing: ClientRequest, toError: (error: unknown) => unknown): Promise<IncomingMessage> {
  outgoing.on("error", () => {});
  try {
    const [incoming]: IncomingMessage[] = await once(outgoing, "response");
    return incoming;
  } catch (error) {
    throw toError(error);
  }
}

async function refusalOf(status: number, incoming: IncomingMessage): Promise<unknown> {
  return errorOf(status, await readText(incoming));
}

async function* linesOf(
  incoming: IncomingMessage,
  toError: (error: unknown) => unknown,
): AsyncGenerator<string, void, undefined> {
  incoming.setEncoding("utf8");
  let rest = "";
  try {
    for await (const chunk of incoming) {
      const lines = `${rest}${chunk}`.split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } catch (error) {
    throw toError(error);
  }
  if (rest !== "") yield rest;
}

function toResult(line: string, position: number): Assessment | RejectedLine {
  const answer = parseObject(line);
  if (!("error" in answer)) return expectAnswer<Assessment>(answer, isAssessment);
  if (answer.line !== position) throw new EarshotError("ANSWER_INVALID", { line: position });
  return { line: position, error: codeOf(answer.error) };
}
