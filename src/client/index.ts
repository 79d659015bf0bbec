import { EarshotError } from "../errors.js";
import type { ReferralResult } from "../referral/schema.js";
import type { Assessment } from "../types.js";
import type { Health, Readiness } from "../wire.js";
import { errorOf, expectAnswer, isAssessment, parseObject } from "./answers.js";
import { ask, askOnce, type Question } from "./ask.js";
import { askAll } from "./ask-all.js";
import type { Client, ClientOptions } from "./client-types.js";
import { createConnection } from "./connection.js";
import { createClientConversation, type Post } from "./conversation.js";
import { encodeMessage } from "./encode.js";
import { assessPath, contextFields, directoryPath } from "./fields.js";

export type { Speaker } from "../conversation/state.js";
export { EarshotError, type EarshotErrorCode, type EarshotErrorDetails, isEarshotError } from "../errors.js";
export type { ReferralResult } from "../referral/schema.js";
export type { Assessment, MessageContext, Trend } from "../types.js";
export type { Health, Readiness, RejectedLine } from "../wire.js";
export type {
  AskOptions,
  Client,
  ClientConversation,
  ClientConversationOptions,
  ClientMessage,
  ClientOptions,
  ClientTurn,
  DirectoryRequest,
} from "./client-types.js";

const DEFAULT_TIMEOUT_MS = 30_000;
const READINESS: readonly unknown[] = ["ready", "starting", "draining", "failed"] satisfies Readiness["status"][];
/** The longest that a timer of Node.js can wait. */
const LONGEST_TIMEOUT_MS = 2_147_483_647;

/**
 * Prepares to ask a running `earshot serve`; the first call connects.
 *
 * What the service promises of a message begins where it arrives. Here, on the asker's side, the client overwrites the bytes
 * that it made itself as soon as the call has its answer, and keeps nothing. It cannot promise anything about the caller's
 * own copies: bytes are left as they are and are the caller's to wipe, a string can be wiped by nobody, and whatever read
 * the message before (a form, a webhook, a log of requests) has copies of its own. Nor can it reach what the system keeps
 * on the way: the buffers of the socket, and with `https:` those of the encryption. With `http:` to another machine anyone
 * on the way can read along; on the same machine a unix socket or 127.0.0.1 needs no encryption.
 *
 * @throws EarshotError `INPUT_INVALID` unless there is exactly one of `url` and `socketPath`, and everything is possible
 */
export function createClient(options: ClientOptions): Client {
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  if (!(timeoutMs > 0 && timeoutMs <= LONGEST_TIMEOUT_MS)) throw new EarshotError("INPUT_INVALID");
  const connection = createConnection(options);

  const askFor = (question: Question): Promise<string> => ask(connection, question, timeoutMs);

  const post: Post = async (path, text, fields) => {
    const body = encodeMessage(text, fields);
    try {
      return await askFor({ method: "POST", path, body });
    } finally {
      body.fill(0);
    }
  };

  const close = async (): Promise<void> => {
    connection.close();
  };

  return {
    assess: async (text, context = {}) => {
      const json = await post(assessPath("/v1/assess", context.spans), text, contextFields(context));
      return expectAnswer<Assessment>(parseObject(json), isAssessment);
    },
    assessAll: (messages, context = {}) =>
      askAll(connection, assessPath("/v1/assess", context.spans), messages, timeoutMs),
    conversation: (conversationOptions = {}) => createClientConversation(post, conversationOptions),
    directory: async (request = {}) => {
      const json = await askFor({ method: "GET", path: directoryPath(request) });
      return expectAnswer<ReferralResult>(parseObject(json), ({ referrals }) => Array.isArray(referrals));
    },
    health: async () => {
      const json = await askFor({ method: "GET", path: "/healthz" });
      return expectAnswer<Health>(parseObject(json), ({ status }) => status === "ok");
    },
    ready: async () => {
      const { status, json } = await askOnce(connection, { method: "GET", path: "/readyz" }, timeoutMs);
      const answer = parseObject(json);
      // "Not ready" is an answer here, not an error.
      if (READINESS.includes(answer.status)) return answer as unknown as Readiness;
      throw errorOf(status, json);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
