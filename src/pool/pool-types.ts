import type { Conversation, ConversationOptions } from "../conversation/conversation.js";
import type { AssessOptions, Message, TriageOptions } from "../triage.js";
import type { Assessment } from "../types.js";

/** How a pool is set up. */
export interface TriagePoolOptions extends Omit<TriageOptions, "pack" | "model"> {
  /** Folder of a model pack; the bundled pack by default. The pool and every worker load their own. */
  readonly pack?: string;
  /** How many workers score, 1 to 64; by default one less than there are cores for this process, at least one. */
  readonly workers?: number;
  /** How many calls of `assess` may wait while all workers are busy; 1,000 by default. */
  readonly maximumWaiting?: number;
  /** Milliseconds that a worker may take to one message before it is ended and replaced; 10,000 by default. */
  readonly workerTimeoutMs?: number;
}

/**
 * Scores messages in threads of their own, so that the thread that asks never waits for a model. Only the words and rules
 * of a short message are looked at in the thread that asks, because that takes less time than to ask a worker; what they
 * do not settle, and what is long, goes to a worker.
 */
export interface TriagePool {
  /**
   * Scores one message as `Triage.assess` does. Who asks first is scored first, except that a message that needs no worker
   * waits for none; with `secondLook: false` none does.
   *
   * Bytes are copied when a worker is free and not before: leave them alone until the result is there, then wipe your own
   * copy. The pool's copy is wiped before the result arrives; only what a worker that fails had in its own memory is
   * freed without being wiped.
   *
   * When the worker that has a message ends or does not answer in time, the words and rules alone are the result, with the
   * review code `MODEL_UNAVAILABLE` where the policy wanted a second look.
   *
   * @throws EarshotError `TEXT_EMPTY`, `INPUT_INVALID`, `COUNTRY_UNKNOWN`, `CLOSED`; `POOL_FULL` when too many messages
   *   wait: with `secondLook: false` the same message is answered at once
   */
  assess(text: Uint8Array | string, options?: AssessOptions): Promise<Assessment>;
  /**
   * Scores messages and gives the results in the same order. Takes at most two messages a worker ahead of the results,
   * and gives a result as soon as it is its turn, also while the next message is still to come. The first bad message
   * throws; when the stream ends, for whatever reason, no worker has one of its messages any more.
   */
  stream(messages: AsyncIterable<Message> | Iterable<Message>): AsyncGenerator<Assessment, void, undefined>;
  /**
   * Starts a conversation, or goes on with a saved one, as `Triage.conversation` does.
   *
   * @throws EarshotError `INPUT_INVALID`, `COUNTRY_UNKNOWN`, `CONVERSATION_INVALID`, `CONVERSATION_VERSION`,
   *   `CONVERSATION_EXPIRED`, `CLOSED`
   */
  conversation(options?: ConversationOptions): Conversation;
  /**
   * Waits for the messages that workers have, refuses those that wait with `CLOSED`, wipes all buffers and ends the
   * workers. Until then they keep the process running.
   */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
