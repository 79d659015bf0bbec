import { EarshotError } from "../errors.js";
import { URGENCIES, type Urgency } from "../labels.js";
import { rankOf } from "../policy/levels.js";
import type { Assessment, MessageContext, Trend } from "../types.js";
import { openBlock, type Seal, SHORTEST_KEY_BYTES, sealBlock } from "./block.js";
import { advance, lowerTo } from "./course.js";
import { evidenceOf } from "./evidence.js";
import { CONVERSATION_MODEL } from "./learned.js";
import { type ConversationModel, standingsOf } from "./model.js";
import { addTurn, createState, placeOf, type Speaker, type State, WHOLE } from "./state.js";
import { trendOf } from "./trend.js";

/** How long a saved conversation may be gone on with, unless said otherwise: one day. */
export const DEFAULT_MAXIMUM_AGE_MS: number = 24 * 60 * 60_000;

/** How a conversation is set up. */
export interface ConversationOptions {
  /** ISO 3166-1 alpha-2 of the people who write, where a turn does not say. */
  readonly country?: string;
  /**
   * Secret of the operator, 32 bytes or more, by which saved conversations are told from forged ones; the same on every
   * machine that is to go on with them. Without it they are good for this process only.
   */
  readonly key?: Uint8Array;
  /** A conversation that `save()` returned, to go on with; a new one by default. */
  readonly state?: Uint8Array;
  /** Milliseconds after which a saved conversation is refused; one day by default. */
  readonly maximumAgeMs?: number;
}

/** What is known about one turn. */
export interface TurnOptions extends MessageContext {
  /**
   * Who wrote it. `person` is who the conversation is about, `counsellor` whoever answers for the service, `other` anyone
   * else. In a group each may have a number instead, from 0, of your own choice; the number is kept in the state, so take
   * none that says who it is. There are 8 places for numbers; whoever comes ninth or later shares the last.
   */
  readonly by: Speaker;
  /** When it was written, in milliseconds since 1970; now by default. */
  readonly at?: number;
  /** As for a single message. */
  readonly spans?: boolean;
  /** As for a single message. */
  readonly secondLook?: false;
}

/** A conversation: numbers only, as many at its end as at its start. */
export interface Conversation {
  /**
   * Scores a turn as `Triage.assess` does and says in `trend` how the conversation as a whole now stands. Turns count in
   * the order of the calls. A turn that throws does not count.
   *
   * @throws EarshotError as `Triage.assess`, and `INPUT_INVALID` for a speaker or time that cannot be
   */
  assess(text: Uint8Array | string, turn: TurnOptions): Promise<Assessment & { readonly trend: Trend }>;
  /**
   * How the conversation stands without a new turn: who had hinted at harm and has not answered for long is put higher.
   *
   * @param atMs milliseconds since 1970; now by default
   * @throws EarshotError `INPUT_INVALID`
   */
  trend(atMs?: number): Trend;
  /**
   * Takes the level down to this one, because somebody looked and found it so; a level that is lower already stays. What
   * was evidence until now counts no more: only later turns raise the level again.
   *
   * @throws EarshotError `INPUT_INVALID`
   */
  lower(level: Urgency): void;
  /**
   * The conversation as a block of always the same length, for `Triage.conversation({ state })`, here or on another
   * machine. It holds numbers that say what kind of harm was spoken of: keep it as safe as a note of that. It cannot be
   * changed, but an older one can be given back in place of a newer one until it expires.
   */
  save(): Uint8Array;
}

/** What a conversation needs from whoever makes it. */
export interface ConversationSurroundings {
  /** Scores one message. */
  readonly assess: (text: Uint8Array | string, options: Omit<TurnOptions, "by" | "at">) => Promise<Assessment>;
  /** `name@version` of pack and policy. */
  readonly boundTo: readonly string[];
  readonly now: () => Date;
  /** The learned numbers; those that Earshot ships by default. */
  readonly model?: ConversationModel;
}

/**
 * Starts a conversation or goes on with a saved one.
 *
 * @throws EarshotError `INPUT_INVALID`, `CONVERSATION_INVALID`, `CONVERSATION_VERSION`, `CONVERSATION_EXPIRED`
 */
export function createConversation(
  { assess: assessText, boundTo, now, model = CONVERSATION_MODEL }: ConversationSurroundings,
  options: ConversationOptions = {},
): Conversation {
  const { country, key, maximumAgeMs = DEFAULT_MAXIMUM_AGE_MS } = options;
  check(key === undefined || (key instanceof Uint8Array && key.length >= SHORTEST_KEY_BYTES));
  check(Number.isFinite(maximumAgeMs) && maximumAgeMs > 0);
  // A copy, so that the caller may wipe theirs.
  const seal: Seal = {
    ...(key !== undefined && { key: Uint8Array.from(key) }),
    boundTo: [...boundTo, model.version],
  };
  const clock = (): number => now().getTime();
  const state: State =
    options.state === undefined ? createState() : openBlock(options.state, clock(), maximumAgeMs, seal);
  let queue: Promise<unknown> = Promise.resolve();

  const takeTurn = async (
    text: Uint8Array | string,
    { by, at = clock(), ...context }: TurnOptions,
  ): Promise<Assessment & { readonly trend: Trend }> => {
    const assessment = await assessText(text, { ...(country !== undefined && { country }), ...context });
    addTurn(state, by, at, evidenceOf(assessment));
    const isUnknown = assessment.scores === undefined;
    const least = isUnknown ? URGENCIES.length - 1 - rankOf(assessment.urgency) : 0;
    const standings = advance(model, state, placeOf(state, by), least);
    return { ...assessment, trend: trendOf(model, state, standings, state[WHOLE.at]) };
  };

  return {
    assess: (text, turn) => {
      try {
        checkTurn(turn);
      } catch {
        return Promise.reject(new EarshotError("INPUT_INVALID"));
      }
      // Turns that are given before the last one is scored wait for it, so that the order of the calls is kept.
      const result = queue.then(() => takeTurn(text, turn));
      queue = result.catch(() => undefined);
      return result;
    },
    trend: (atMs = clock()) => {
      check(isTime(atMs));
      const at = Math.max(atMs, state[WHOLE.at]);
      return trendOf(model, state, standingsOf(model, state, at), at);
    },
    lower: (level) => {
      check(URGENCIES.includes(level));
      lowerTo(state, URGENCIES.length - 1 - rankOf(level));
    },
    save: () => sealBlock(state, clock(), seal),
  };
}

function checkTurn(turn: TurnOptions): void {
  const { by, at } = turn;
  const isRole = by === "person" || by === "counsellor" || by === "other";
  // One below the largest safe integer, because the place keeps the number plus one.
  check(isRole || (Number.isSafeInteger(by) && by >= 0 && by < Number.MAX_SAFE_INTEGER));
  check(at === undefined || isTime(at));
}

/** Times that a `Date` can hold, from 1970 on. */
function isTime(value: number): boolean {
  return Number.isFinite(value) && value >= 0 && value <= 8.64e15;
}

function check(isValid: boolean): void {
  if (!isValid) throw new EarshotError("INPUT_INVALID");
}
