import { type Conversation, type ConversationOptions, createConversation } from "./conversation/conversation.js";
import { EarshotError } from "./errors.js";
import { CATEGORIES, type ReviewCode, SIGNALS, URGENCIES } from "./labels.js";
import { createEncoder, type Encoder } from "./model/encoder.js";
import { LABEL_COLUMNS, loadPack, type Pack } from "./model/pack.js";
import type { RuleMatch } from "./model/rules.js";
import { createScorer, type ScoredText, SEGMENT_BYTES } from "./model/scorer.js";
import type { TextModel, TextScores } from "./model/text-model.js";
import { decide } from "./policy/decide.js";
import { DEFAULT_POLICY, DEFAULT_SECOND_LOOK, type Policy } from "./policy/schema.js";
import { standardCodes } from "./policy/standards.js";
import type { ReferralRequest } from "./referral/request.js";
import { resolveReferrals } from "./referral/resolve.js";
import type { ReferralDirectory } from "./referral/schema.js";
import type { OnnxSession } from "./runtimes/onnx.js";
import type { Assessment, MessageContext, Scores } from "./types.js";

/** Longest text that is scored, in bytes of UTF-8; of a longer one the beginning is, with the review code `TRUNCATED`. */
export const MAXIMUM_TEXT_BYTES = 1_048_576;
/** Share of bytes that are not UTF-8 from which a message gets the review code `UNDECODABLE`. */
const UNDECODABLE_SHARE = 0.1;

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

/**
 * Sets up scoring with a model pack, a policy and a directory; without options all three are the bundled ones.
 *
 * @throws EarshotError `PACK_NOT_FOUND`, `PACK_INVALID`, `PACK_CORRUPT`, `POLICY_INVALID`, `DIRECTORY_INVALID`,
 *   `COUNTRY_UNKNOWN`; and when the pack has a second stage that the policy does not switch off, `RUNTIME_MISSING`,
 *   `RUNTIME_REFUSED` or `RUNTIME_FAILED`
 */
export async function createTriage(options: TriageOptions = {}): Promise<Triage> {
  const { country, now = () => new Date() } = options;
  checkCountry(country);
  const policy = await checkedPolicy(options.policy);
  const directory = await checkedDirectory(options.directory);
  const pack = typeof options.pack === "object" ? options.pack : loadPack(options.pack);
  const { manifest } = pack;
  const { model } = options;
  const { secondLook = DEFAULT_SECOND_LOOK } = policy;
  const session = secondLook === null || model !== undefined ? undefined : await openSession(pack);
  const encoder = session && encoderOf(pack, session);
  const scorer = createScorer(pack, encoder);
  const isUnsettled = ({ urgency }: Scores): boolean =>
    secondLook !== null && 1 - urgency.routine >= secondLook.riskFrom && urgency.immediate <= secondLook.immediateUpTo;
  const textEncoder = new TextEncoder();
  let encoded = new Uint8Array(SEGMENT_BYTES);
  let closed = false;
  /** The encoder reads one message at a time, in buffers that hold it until it is done. */
  let reading: Promise<Scores> | undefined;

  const names = {
    pack: model?.name ?? `${manifest.name}@${manifest.version}`,
    policy: `${policy.name}@${policy.version}`,
    directory: `${directory.name}@${directory.version}`,
  };

  const assessBytes: Triage["assessBytes"] = async (source, start, end, context = {}, cut = false) => {
    // Without waiting where nobody reads, so that most messages are scored before the call returns.
    while (reading !== undefined) await reading.catch(() => {});
    return finish(...firstLook(source, start, end, context, cut));
  };

  /** What the first stage and the rules say, and what is needed to make an assessment of it. */
  type FirstLook = [
    scored: ScoredText,
    context: AssessOptions,
    coverage: { bytes: number; read: number; truncated: boolean },
    /** What a model in place of the pack's will say. */
    instead?: Promise<TextScores>,
  ];

  const firstLook = (
    source: Uint8Array,
    start: number,
    end: number,
    context: AssessOptions,
    cut: boolean,
  ): FirstLook => {
    if (closed) throw new EarshotError("CLOSED");
    checkContext(context);
    if (isBlank(source, start, end)) throw new EarshotError("TEXT_EMPTY");
    const last = Math.min(end, start + MAXIMUM_TEXT_BYTES);
    const truncated = cut || last < end;
    const scored = scorer.score(source, start, last, {
      ...(context.language !== undefined && { language: context.language }),
      ...(context.spans !== undefined && { spans: context.spans }),
      isUnsettled,
    });
    const coverage = { bytes: end - start, read: last - start, truncated };
    return model === undefined
      ? [scored, context, coverage]
      : [scored, context, coverage, model.score(source, start, last)];
  };

  /** Adds the second look where there is one. If it fails, the first one stands, marked for a person. */
  const finish = async (...[scored, context, coverage, instead]: FirstLook): Promise<Assessment> => {
    if (instead !== undefined) return finishWith(instead, scored, context, coverage);
    if (encoder === undefined || !scored.secondLook) return toAssessment(scored, context, coverage);
    reading = encoder.score();
    let scores: Scores | undefined;
    try {
      scores = await reading;
    } catch {
      // Below it counts as a failure.
    } finally {
      reading = undefined;
    }
    if (scores === undefined) return toAssessment(scored, context, coverage, ["MODEL_UNAVAILABLE"]);
    return toAssessment({ ...scored, scores }, context, coverage);
  };

  /** Takes the scores of the other model; without them the message is marked for a person. */
  const finishWith = async (
    instead: Promise<TextScores>,
    { scores: _, ...scored }: ScoredText,
    context: AssessOptions,
    coverage: FirstLook[2],
  ): Promise<Assessment> => {
    let given: TextScores;
    try {
      given = await instead;
    } catch {
      return toAssessment(scored, context, coverage);
    }
    const truncated = coverage.truncated || given.truncated;
    return toAssessment({ ...scored, scores: given.scores }, context, { ...coverage, truncated });
  };

  const toAssessment = (
    scored: ScoredText,
    context: AssessOptions,
    { bytes, read, truncated }: FirstLook[2],
    failures: readonly ReviewCode[] = [],
  ): Assessment => {
    const decision = decide(
      {
        ...(scored.scores && { scores: scored.scores }),
        defaults: model?.thresholds ?? manifest.thresholds,
        ...ruleInput(scored.rules),
        review: [...reviewCodes(scored, read, truncated), ...failures],
      },
      policy,
    );
    const personCountry = context.country ?? country;
    const resolved = resolveReferrals(
      {
        ...context.referral,
        urgency: decision.urgency,
        categories: decision.categories,
        signals: decision.signals,
        ...(personCountry !== undefined && { country: personCountry }),
        ...(context.age !== undefined && { age: context.age }),
        ...(scored.language.tag !== "und" && { languages: [scored.language.tag] }),
      },
      directory,
      now(),
    );
    // One by one, because a literal with spreads takes longer than all the rest of this function.
    const assessment = { schemaVersion: 1 } as { -readonly [Key in keyof Assessment]: Assessment[Key] };
    if (context.id !== undefined) assessment.id = context.id;
    assessment.urgency = decision.urgency;
    assessment.priority = decision.priority;
    assessment.categories = decision.categories;
    assessment.signals = decision.signals;
    assessment.review = decision.review;
    assessment.reasons = decision.reasons;
    assessment.respondWithinMinutes = decision.respondWithinMinutes;
    if (decision.scores) assessment.scores = decision.scores;
    if (scored.spans) assessment.spans = scored.spans;
    assessment.language = scored.language;
    assessment.standards = standardCodes(decision.urgency, decision.categories);
    assessment.referrals = resolved.referrals;
    if (resolved.notice) assessment.referralNotice = resolved.notice;
    assessment.coverage = { bytes, tokens: scored.words, windows: scored.windows, truncated };
    assessment.pack = names.pack;
    assessment.policy = names.policy;
    assessment.directory = names.directory;
    return assessment;
  };

  /** Encodes a string into the owned buffer, reads it, and wipes the buffer before anything else happens. */
  const assessString = async (text: string, context: AssessOptions): Promise<Assessment> => {
    while (reading !== undefined) await reading.catch(() => {});
    // Three bytes a UTF-16 unit at most; one more than the limit shows that there was more.
    const needed = Math.min(text.length * 3, MAXIMUM_TEXT_BYTES + 4);
    if (encoded.length < needed) encoded = new Uint8Array(needed);
    const { read, written } = textEncoder.encodeInto(text, encoded);
    let look: FirstLook;
    try {
      look = firstLook(encoded, 0, written, context, read < text.length);
    } finally {
      encoded.fill(0, 0, written);
    }
    return finish(...look);
  };

  const assess: Triage["assess"] = async (text, context = {}) => {
    if (typeof text === "string") return assessString(text, context);
    if (!(text instanceof Uint8Array)) throw new EarshotError("INPUT_INVALID");
    return assessBytes(text, 0, text.length, context);
  };

  async function* stream(
    messages: AsyncIterable<Message> | Iterable<Message>,
  ): AsyncGenerator<Assessment, void, undefined> {
    for await (const { text, ...context } of messages) yield assess(text, context);
  }

  const conversation: Triage["conversation"] = (options = {}) => {
    if (closed) throw new EarshotError("CLOSED");
    checkCountry(options.country);
    return createConversation({ assess, boundTo: [names.pack, names.policy], now }, options);
  };

  const close = async (): Promise<void> => {
    closed = true;
    encoded.fill(0);
    await reading?.catch(() => {});
    await session?.close();
    await model?.close();
  };

  return { assess, assessBytes, stream, conversation, close, [Symbol.asyncDispose]: close };
}

/** Loads the runtime only for a pack that has a second stage: it takes memory and time to start. */
async function openSession({ encoder }: Pack): Promise<OnnxSession | undefined> {
  if (encoder === undefined) return undefined;
  const { loadOnnxRuntime } = await import("./runtimes/onnx.js");
  return loadOnnxRuntime().createSession(encoder.graph);
}

function encoderOf({ encoder, manifest }: Pack, session: OnnxSession): Encoder | undefined {
  if (encoder === undefined || manifest.encoder === undefined) return undefined;
  const { size } = encoder.vocabulary;
  return createEncoder(encoder, manifest.encoder, (ids, logits, read) =>
    session.run(
      { ids: { data: ids, shape: [ids.length], below: size } },
      { logits: { data: logits, shape: [LABEL_COLUMNS] } },
      read,
    ),
  );
}

// The schemas are loaded only for what somebody wrote themselves: they cost more than the rest of the start-up.
async function checkedPolicy(policy: Policy | undefined): Promise<Policy> {
  if (policy === undefined || policy === DEFAULT_POLICY) return DEFAULT_POLICY;
  return (await import("./policy/validate.js")).parsePolicy(policy);
}

async function checkedDirectory(directory: ReferralDirectory | undefined): Promise<ReferralDirectory> {
  if (directory === undefined) return (await import("./referral/bundled.js")).BUNDLED_DIRECTORY;
  return (await import("./referral/validate.js")).validateDirectory(directory);
}

function checkContext(context: AssessOptions): void {
  checkCountry(context.country);
  const { age, id, language, referral = {} } = context;
  const { region, channels = [], capacity = [] } = referral;
  const valid =
    (region === undefined || typeof region === "string") &&
    [channels, capacity].every(Array.isArray) &&
    (age === undefined || (Number.isFinite(age) && age >= 0 && age <= 120)) &&
    (id === undefined || typeof id === "string") &&
    (language === undefined || typeof language === "string");
  if (!valid) throw new EarshotError("INPUT_INVALID");
}

function checkCountry(country: string | undefined): void {
  if (country !== undefined && !(typeof country === "string" && /^[A-Za-z]{2}$/.test(country)))
    throw new EarshotError("COUNTRY_UNKNOWN");
}

function isBlank(source: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i += 1) if (source[i] > 0x20) return false;
  return true;
}

function reviewCodes(scored: ScoredText, bytesRead: number, truncated: boolean): ReviewCode[] {
  const codes: ReviewCode[] = [];
  if (scored.scores === undefined) codes.push("MODEL_UNAVAILABLE");
  if (scored.language.tag === "und") codes.push("LANGUAGE_UNKNOWN");
  else if (!scored.language.supported) codes.push("LANGUAGE_UNSUPPORTED");
  if (truncated) codes.push("TRUNCATED");
  if (scored.undecodable > bytesRead * UNDECODABLE_SHARE) codes.push("UNDECODABLE");
  return codes;
}

function ruleInput(match: RuleMatch) {
  const ofMask = <Label>(labels: readonly Label[], mask: number): Label[] =>
    mask === 0 ? [] : labels.filter((_, bit) => (mask >> bit) & 1);
  const level = URGENCIES[match.level];
  return {
    ...(level !== undefined && { ruleLevel: level }),
    ruleCategories: ofMask(CATEGORIES, match.categories),
    ruleSignals: ofMask(SIGNALS, match.signals),
  };
}
