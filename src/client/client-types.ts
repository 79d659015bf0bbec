import type { TurnOptions } from "../conversation/conversation.js";
import type { ReferralRequest } from "../referral/request.js";
import type { ReferralResult } from "../referral/schema.js";
import type { Assessment, MessageContext, Trend } from "../types.js";
import type { Health, Readiness, RejectedLine } from "../wire.js";

/** Where the service is, and how to speak to it. */
export interface ClientOptions {
  /** `http:` or `https:`, for example `http://127.0.0.1:8421`; a path in it is put before those of the service. */
  readonly url?: string;
  /** The unix socket of the service, in place of `url`. */
  readonly socketPath?: string;
  /** What the service was given by `--token-file`. */
  readonly token?: string;
  /**
   * Milliseconds within which a call must be answered, all its repetitions included; of `assessAll`, the longest silence
   * while an answer is due. 30,000 by default.
   */
  readonly timeoutMs?: number;
}

/** What is known about one message, and how it is to be scored. */
export interface AskOptions extends MessageContext {
  /** Also return each word's own share of the risk, as byte offsets. */
  readonly spans?: boolean;
}

/** One message of a stream. */
export interface ClientMessage extends MessageContext {
  /** UTF-8 bytes, or a string with the limits that `createClient` states. */
  readonly text: Uint8Array | string;
}

/** What is asked of the directory: as of the library, `urgent` and no harm named where nothing is said. */
export type DirectoryRequest = Partial<Omit<ReferralRequest, "capacity">>;

/** How a conversation is begun or gone on with. */
export interface ClientConversationOptions {
  /** ISO 3166-1 alpha-2 of the people who write, where a turn does not say. */
  readonly country?: string;
  /** What `save()` returned, here or in the library. */
  readonly state?: Uint8Array;
}

/** What is known about one turn. */
export type ClientTurn = Omit<TurnOptions, "secondLook">;

/** A conversation that is kept here and judged by the service, which keeps nothing of it. */
export interface ClientConversation {
  /**
   * Scores a turn and says in `trend` how the conversation now stands. Turns count in the order of the calls, each waits for
   * the one before. A turn that throws does not count.
   *
   * @throws EarshotError as `Client.assess`, and `CONVERSATION_INVALID`, `CONVERSATION_VERSION`, `CONVERSATION_EXPIRED`
   */
  assess(text: Uint8Array | string, turn: ClientTurn): Promise<Assessment & { readonly trend: Trend }>;
  /**
   * The conversation as the service sealed it after the latest turn, a copy; undefined before the first one. It holds
   * numbers that say what kind of harm was spoken of: keep it as safe as a note of that.
   */
  save(): Uint8Array | undefined;
}

/** Asks a running `earshot serve`. All calls throw only `EarshotError`, except what the caller's own messages throw. */
export interface Client {
  /**
   * Scores one message, as `Triage.assess` does.
   *
   * @throws EarshotError with the code of the service's answer; `INPUT_INVALID`; `SERVICE_UNREACHABLE`, `SERVICE_TIMEOUT`,
   *   `ANSWER_INVALID`; `CLOSED`
   */
  assess(text: Uint8Array | string, options?: AskOptions): Promise<Assessment>;
  /**
   * Scores messages over one connection and gives the results in the same order; a message that the service refuses gives
   * `{ line, error }` in its place, counted from 1. Who takes results slowly slows down the service and `messages`: only
   * what fits into the buffers of the connection is on its way. What `messages` throws is thrown once all that was sent is
   * answered.
   *
   * Nothing is repeated. When it throws, as many messages as there were results are done; those after them were not
   * answered (`details.sent`, `details.answered`) and can be sent again.
   *
   * @throws EarshotError as `assess`
   */
  assessAll(
    messages: AsyncIterable<ClientMessage> | Iterable<ClientMessage>,
    options?: Pick<AskOptions, "spans">,
  ): AsyncGenerator<Assessment | RejectedLine, void, undefined>;
  /**
   * Starts a conversation, or goes on with a saved one; asks nothing yet.
   *
   * @throws EarshotError `INPUT_INVALID`
   */
  conversation(options?: ClientConversationOptions): ClientConversation;
  /** Who can help a person of whom nothing is sent but what is asked here; throws as `assess`. */
  directory(request?: DirectoryRequest): Promise<ReferralResult>;
  /** Whether the process answers; throws as `assess`. */
  health(): Promise<Health>;
  /** Whether the service takes messages; throws as `assess`, but not because it takes none. */
  ready(): Promise<Readiness>;
  /** Ends all connections; what is on its way fails with `SERVICE_UNREACHABLE`, and later calls throw `CLOSED`. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
