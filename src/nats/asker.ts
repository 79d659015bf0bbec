import { setTimeout as delay } from "node:timers/promises";
import { ErrorCode, type Msg, type NatsConnection } from "nats";
import { errorOf, expectAnswer, isAssessment, parseObject } from "../client/answers.js";
import type { ClientConversation, ClientConversationOptions } from "../client/client-types.js";
import { createClientConversation, type Post } from "../client/conversation.js";
import { encodeMessage } from "../client/encode.js";
import { contextFields } from "../client/fields.js";
import { EarshotError, isEarshotError } from "../errors.js";
import { statusOf } from "../server/status.js";
import type { Assessment, MessageContext } from "../types.js";

/** How workers are asked. */
export interface AskerOptions {
  /** What the subjects begin with, as for the workers; `earshot` by default. */
  readonly subject?: string;
  /** Milliseconds that one attempt may take; 5,000 by default. */
  readonly timeoutMs?: number;
  /** How often a message is sent before it fails; 3 by default. */
  readonly attempts?: number;
}

/** Asks workers. All calls throw only `EarshotError`; none ever makes up an answer. */
export interface Asker {
  /**
   * Scores one message, as `Triage.assess` does, but without spans.
   *
   * @throws EarshotError with the code of the last attempt: that of the worker's answer; `SERVICE_UNREACHABLE` when there is
   *   no worker or no connection, `SERVICE_TIMEOUT`, `ANSWER_INVALID`; `BODY_TOO_LARGE` for a message that is longer than
   *   the server passes on; `INPUT_INVALID`
   */
  assess(text: Uint8Array | string, context?: MessageContext): Promise<Assessment>;
  /**
   * Starts a conversation, or goes on with a saved one; any worker can take any turn. Turns throw as `assess` does, and with
   * the codes of `Triage.conversation`.
   *
   * @throws EarshotError `INPUT_INVALID`
   */
  conversation(options?: ClientConversationOptions): ClientConversation;
}

const DEFAULT_TIMEOUT_MS = 5_000;
const DEFAULT_ATTEMPTS = 3;
/** Before the second attempt; doubled before each further one, so that workers that are full can catch up. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;
/** The longest that a timer of Node.js can wait. */
const LONGEST_TIMEOUT_MS = 2_147_483_647;
const ERROR_HEADER = "Nats-Service-Error-Code";

/**
 * Prepares to ask the workers of `runWorker` or `earshot work` over a connection of the caller's.
 *
 * NATS promises no answer: a worker may die with the message, or be full. So a message is sent again when nobody took it,
 * when no answer came in time, and when the answer says that this worker could not; scoring keeps and changes nothing, so
 * that one more time does no harm. Each attempt has a subject of its own for its answer, and one that comes after its time
 * is dropped: every call has one outcome, an assessment or an error. An error says nothing of the message: treat it as one
 * that a person has to read.
 *
 * The bytes that are made of a message here are wiped, but the NATS client copies what it sends, and those copies are not.
 *
 * @throws EarshotError `INPUT_INVALID`
 */
export function createAsker(connection: NatsConnection, options: AskerOptions = {}): Asker {
  const { subject = "earshot", timeoutMs = DEFAULT_TIMEOUT_MS, attempts = DEFAULT_ATTEMPTS } = options;
  if (!(timeoutMs >= 1 && timeoutMs <= LONGEST_TIMEOUT_MS)) throw new EarshotError("INPUT_INVALID");
  if (!(Number.isInteger(attempts) && attempts >= 1)) throw new EarshotError("INPUT_INVALID");

  const askOnce = async (to: string, payload: Uint8Array): Promise<string> => {
    let message: Msg;
    try {
      message = await connection.request(to, payload, { timeout: timeoutMs });
    } catch (caught) {
      throw new EarshotError(codeOf(caught));
    }
    const failure = message.headers?.get(ERROR_HEADER) ?? "";
    if (failure !== "") throw errorOf(Number(failure), message.string());
    return message.string();
  };

  const ask = async (to: string, payload: Uint8Array): Promise<string> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await askOnce(to, payload);
      } catch (error) {
        if (attempt === attempts || !mayAskAgain(error)) throw error;
      }
      // Not all at the same time: those who were refused together would come back together.
      const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
      await delay(pauseMs * (0.5 + Math.random() / 2));
    }
  };

  const post = async (to: string, text: Uint8Array | string, fields: Parameters<Post>[2]): Promise<string> => {
    const payload = encodeMessage(text, fields);
    try {
      return await ask(to, payload);
    } finally {
      payload.fill(0);
    }
  };

  return {
    async assess(text, context = {}) {
      const json = await post(`${subject}.assess`, text, contextFields(context));
      return expectAnswer<Assessment>(parseObject(json), isAssessment);
    },
    conversation: (conversation = {}) =>
      createClientConversation((_, text, fields) => post(`${subject}.conversation`, text, fields), conversation),
  };
}

/** Another attempt may meet another worker, but what is wrong with the message itself stays wrong. */
function mayAskAgain(error: unknown): boolean {
  if (!isEarshotError(error)) return false;
  const status = statusOf(error.code);
  return status === 429 || status >= 500;
}

function codeOf(caught: unknown): "SERVICE_TIMEOUT" | "SERVICE_UNREACHABLE" | "BODY_TOO_LARGE" {
  const code = caught instanceof Error && "code" in caught ? caught.code : undefined;
  if (code === ErrorCode.Timeout) return "SERVICE_TIMEOUT";
  return code === ErrorCode.MaxPayloadExceeded ? "BODY_TOO_LARGE" : "SERVICE_UNREACHABLE";
}
