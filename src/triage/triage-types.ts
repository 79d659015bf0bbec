import type { Conversation, ConversationOptions } from "../conversation/conversation.js";
import type { Pack } from "../model/pack.js";
import type { TextModel } from "../model/text-model.js";
import type { Policy } from "../policy/schema.js";
import type { ReferralRequest } from "../referral/request.js";
import type { ReferralDirectory } from "../referral/schema.js";
import type { Assessment, MessageContext } from "../types.js";

/** How a triage is set up. */
export interface TriageOptions {
  /** ISO 3166-1 alpha-2 of the people who write, where a message does not say; without it no number is suggested. */
  readonly country?: string;
  /** Folder of a model pack, or one loaded by `loadPack`; the bundled pack by default. */
  readonly pack?: string | Pack;
  /**
   * A model that gives the scores in place of the pack's, as `earshot/transformers` makes one of somebody else's; language
   * and phrase rules stay the pack's. It is closed with the triage.
   */
  readonly model?: TextModel;
  /** A policy of your own, checked before use; the default favours recall of `immediate`. */
  readonly policy?: Policy;
  /** A directory of your own, checked before use; the bundled one by default. */
  readonly directory?: ReferralDirectory;
  /** Clock for opening hours and stale marks. */
  readonly now?: () => Date;
}

/** What is known about one message, and how it is to be scored. */
export interface AssessOptions extends MessageContext {
  /** Also return each word's own share of the risk, as byte offsets. */
  readonly spans?: boolean;
  /**
   * False for an answer without waiting, by the words and the phrase rules alone. Where the policy wanted a second look,
   * the result has the review code `SECOND_LOOK_SKIPPED`. Without meaning for a `model` in place of the pack's.
   */
  readonly secondLook?: false;
  /** What the person wants of who can help, and what the operator knows about how much those can take. */
  readonly referral?: Pick<ReferralRequest, "region" | "channels" | "free" | "anonymous" | "capacity" | "limit">;
}

/** One message of a stream. */
export interface Message extends AssessOptions {
  /** UTF-8 bytes, or a string with the limits that `Triage.assess` states. */
  readonly text: Uint8Array | string;
}

/** Scores messages one after another. */
export interface Triage {
  /**
   * Scores one message.
   *
   * Bytes are read in place and only read: leave them alone until the result is there, then wipe your own copy. A string
   * cannot be wiped, neither by you nor by Earshot: the JavaScript engine keeps copies of it until it happens to overwrite
   * them. Earshot's own copy is wiped either way.
   *
   * @throws EarshotError `TEXT_EMPTY`, `INPUT_INVALID`, `COUNTRY_UNKNOWN`, `CLOSED`
   */
  assess(text: Uint8Array | string, options?: AssessOptions): Promise<Assessment>;
  /**
   * The same for part of a larger buffer, for callers that read input themselves.
   *
   * @param truncated whether the text went on beyond what the buffer holds
   */
  assessBytes(
    source: Uint8Array,
    start: number,
    end: number,
    options?: AssessOptions,
    truncated?: boolean,
  ): Promise<Assessment>;
  /** Scores messages in order, taking the next one only when its result is asked for. The first bad message throws. */
  stream(messages: AsyncIterable<Message> | Iterable<Message>): AsyncGenerator<Assessment, void, undefined>;
  /**
   * Starts a conversation, or goes on with a saved one, that is judged as a whole; it keeps numbers only.
   *
   * @throws EarshotError `INPUT_INVALID`, `COUNTRY_UNKNOWN`, `CONVERSATION_INVALID`, `CONVERSATION_VERSION`,
   *   `CONVERSATION_EXPIRED`, `CLOSED`
   */
  conversation(options?: ConversationOptions): Conversation;
  /** Wipes and releases the buffers; later calls throw `CLOSED`. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
