import type { IncomingMessage } from "node:http";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { EarshotError, type EarshotErrorCode } from "../errors.js";
import { errorOf } from "./answers.js";
import type { Connection } from "./connection.js";

/** A request that is answered as a whole. */
export interface Question {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** JSON; only read. */
  readonly body?: Uint8Array;
}

/** An answer as it came. */
export interface Answer {
  readonly status: number;
  /** When the service said to come again. */
  readonly retryAfterSeconds?: number;
  readonly json: string;
}

/** How often a service is asked that says each time that it cannot now. */
const MAXIMUM_ATTEMPTS = 4;

/**
 * Asks until there is an answer that is not "come again", and returns its JSON.
 *
 * Only an answer 429 or 503 with Retry-After is waited for: the service then says that it did not take the message, and when
 * it will. No answer at all is an error at once. To ask again would be harmless in itself, because scoring keeps nothing and
 * changes nothing; but a message that brings a service down would bring down the next one too, and only the caller knows
 * whether a person still waits. There is one exception, see `askOnce`.
 *
 * @throws EarshotError the one of the answer, `SERVICE_UNREACHABLE`, `SERVICE_TIMEOUT`, `ANSWER_INVALID`, `CLOSED`
 */
export async function ask(connection: Connection, question: Question, timeoutMs: number): Promise<string> {
  const deadline = performance.now() + timeoutMs;
  for (let attempt = 1; ; attempt += 1) {
    const { status, retryAfterSeconds, json } = await askOnce(connection, question, deadline - performance.now());
    if (status === 200) return json;
    const waitMs = (retryAfterSeconds ?? Number.POSITIVE_INFINITY) * 1000;
    const mayAskAgain = (status === 429 || status === 503) && attempt < MAXIMUM_ATTEMPTS;
    if (!mayAskAgain || performance.now() + waitMs >= deadline) throw errorOf(status, json);
    await delay(waitMs);
  }
}

/**
 * Asks once. A connection that was kept open may be closed by the service at the moment at which the next request is sent;
 * such a request is sent a second time, on a new connection.
 */
export async function askOnce(connection: Connection, question: Question, timeoutMs: number): Promise<Answer> {
  const deadline = performance.now() + timeoutMs;
  const answer = await exchange(connection, question, timeoutMs, false);
  if (answer !== "closed while idle") return answer;
  const again = await exchange(connection, question, deadline - performance.now(), true);
  if (again === "closed while idle") throw new EarshotError("SERVICE_UNREACHABLE");
  return again;
}

function exchange(
  connection: Connection,
  { method, path, body }: Question,
  timeoutMs: number,
  alone: boolean,
): Promise<Answer | "closed while idle"> {
  return new Promise((resolve, reject) => {
    const outgoing = connection.open(method, path, headersOf(body), alone);
    let answering = false;
    const fail = (code: EarshotErrorCode): void => {
      clearTimeout(timer);
      outgoing.destroy();
      reject(new EarshotError(code));
    };
    const timer = setTimeout(fail, timeoutMs, "SERVICE_TIMEOUT");
    outgoing.on("error", () => {
      if (outgoing.reusedSocket && !answering) resolve("closed while idle");
      fail("SERVICE_UNREACHABLE");
    });
    outgoing.on("response", (incoming) => {
      answering = true;
      readAnswer(incoming).then(
        (answer) => {
          clearTimeout(timer);
          // An answer that came before all was sent leaves a connection that the next request could not use.
          if (!outgoing.writableFinished) outgoing.destroy();
          resolve(answer);
        },
        () => fail("SERVICE_UNREACHABLE"),
      );
    });
    outgoing.end(body);
  });
}

function headersOf(body: Uint8Array | undefined): Record<string, string> {
  return body === undefined
    ? {}
    : { "content-type": "application/json; charset=utf-8", "content-length": `${body.length}` };
}

async function readAnswer(incoming: IncomingMessage): Promise<Answer> {
  const seconds = Number(incoming.headers["retry-after"] ?? Number.NaN);
  return {
    status: incoming.statusCode ?? 0,
    // It may also be a date, which a clock that is wrong would turn into hours; Earshot sends seconds.
    ...(seconds >= 0 && { retryAfterSeconds: seconds }),
    json: await readText(incoming),
  };
}

/** All that the service sent: numbers, codes and the caller's id, nothing of the message. */
export async function readText(incoming: IncomingMessage): Promise<string> {
  incoming.setEncoding("utf8");
  let text = "";
  for await (const chunk of incoming) text += chunk;
  return text;
}
