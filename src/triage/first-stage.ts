import { EarshotError } from "../errors.js";
import { CATEGORIES, type ReviewCode, SIGNALS, URGENCIES } from "../labels.js";
import type { Encoder } from "../model/encoder.js";
import { loadPack, type Pack } from "../model/pack.js";
import type { RuleMatch } from "../model/rules.js";
import { createScorer, type ScoredText, SEGMENT_BYTES } from "../model/scorer.js";
import { decide } from "../policy/decide.js";
import { DEFAULT_SECOND_LOOK } from "../policy/schema.js";
import { standardCodes } from "../policy/standards.js";
import { resolveReferrals } from "../referral/resolve.js";
import type { Assessment, Scores } from "../types.js";
import { checkContext, checkCountry, checkedDirectory, checkedPolicy } from "./checks.js";
import type { AssessOptions, TriageOptions } from "./triage-types.js";

/** Longest text that is scored, in bytes of UTF-8; of a longer one the beginning is, with the review code `TRUNCATED`. */
export const MAXIMUM_TEXT_BYTES = 1_048_576;
/** Share of bytes that are not UTF-8 from which a message gets the review code `UNDECODABLE`. */
const UNDECODABLE_SHARE = 0.1;

/** What the first stage and the rules say of a message, and what is needed to make an assessment of it. */
export interface FirstLook {
  readonly scored: ScoredText;
  readonly context: AssessOptions;
  readonly coverage: { readonly bytes: number; readonly read: number; readonly truncated: boolean };
}

/** Where the bytes of a message are. */
export interface Text {
  readonly source: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Whether the text went on beyond them. */
  readonly truncated: boolean;
}

/** Everything but the second look: reading, decision and referral. */
export interface FirstStage {
  readonly pack: Pack;
  /** `name@version` of each. */
  readonly names: { readonly pack: string; readonly policy: string; readonly directory: string };
  readonly now: () => Date;
  /** Whether some messages are to be read by the encoder of the pack too. */
  readonly wantsSecondLook: boolean;
  /**
   * Looks at a message, and wipes what it wrote of it before it returns.
   *
   * @param encoder reads along, and has the message if it is `unsettled`
   * @throws EarshotError `TEXT_EMPTY`, `INPUT_INVALID`, `COUNTRY_UNKNOWN`
   */
  look(text: Text, context: AssessOptions, encoder?: Encoder): FirstLook;
  /**
   * Gives the bytes of a message to `read`. Those of a string are in a buffer that is wiped when `read` returns.
   *
   * @throws EarshotError `INPUT_INVALID` when it is neither a string nor bytes
   */
  withBytes<Result>(message: Uint8Array | string, read: (text: Text) => Result): Result;
  /** @param doubt review code beside those of the look */
  toAssessment(look: FirstLook, doubt?: ReviewCode): Assessment;
}

/**
 * Loads and checks what `createTriage` names, except for the runtime of the second stage.
 *
 * @throws EarshotError `PACK_NOT_FOUND`, `PACK_INVALID`, `PACK_CORRUPT`, `POLICY_INVALID`, `DIRECTORY_INVALID`,
 *   `COUNTRY_UNKNOWN`
 */
export async function createFirstStage(options: TriageOptions): Promise<FirstStage> {
  const { country, model, now = () => new Date() } = options;
  checkCountry(country);
  const policy = await checkedPolicy(options.policy);
  const directory = await checkedDirectory(options.directory);
  const pack = typeof options.pack === "object" ? options.pack : loadPack(options.pack);
  const { manifest } = pack;
  const { secondLook = DEFAULT_SECOND_LOOK } = policy;
  const wantsSecondLook = secondLook !== null && pack.encoder !== undefined && model === undefined;
  const isUnsettled = ({ urgency }: Scores): boolean =>
    secondLook !== null &&
    wantsSecondLook &&
    1 - urgency.routine >= secondLook.riskFrom &&
    urgency.immediate <= secondLook.immediateUpTo;
  const scorer = createScorer(pack);
  const textEncoder = new TextEncoder();
  let encoded = new Uint8Array(SEGMENT_BYTES);

  const names = {
    pack: model?.name ?? `${manifest.name}@${manifest.version}`,
    policy: `${policy.name}@${policy.version}`,
    directory: `${directory.name}@${directory.version}`,
  };

  const look: FirstStage["look"] = ({ source, start, end, truncated }, context, encoder) => {
    checkContext(context);
    if (isBlank(source, start, end)) throw new EarshotError("TEXT_EMPTY");
    const last = Math.min(end, start + MAXIMUM_TEXT_BYTES);
    const scored = scorer.score(source, start, last, {
      ...(context.language !== undefined && { language: context.language }),
      ...(context.spans !== undefined && { spans: context.spans }),
      ...(encoder !== undefined && { encoder }),
      isUnsettled,
    });
    return {
      scored,
      context,
      coverage: { bytes: end - start, read: last - start, truncated: truncated || last < end },
    };
  };

  const withBytes: FirstStage["withBytes"] = (message, read) => {
    if (message instanceof Uint8Array)
      return read({ source: message, start: 0, end: message.length, truncated: false });
    if (typeof message !== "string") throw new EarshotError("INPUT_INVALID");
    // Three bytes a UTF-16 unit at most; one more than the limit shows that there was more.
    const needed = Math.min(message.length * 3, MAXIMUM_TEXT_BYTES + 4);
    if (encoded.length < needed) encoded = new Uint8Array(needed);
    const { read: units, written } = textEncoder.encodeInto(message, encoded);
    try {
      return read({ source: encoded, start: 0, end: written, truncated: units < message.length });
    } finally {
      encoded.fill(0, 0, written);
    }
  };

  const toAssessment: FirstStage["toAssessment"] = ({ scored, context, coverage }, doubt) => {
    const { bytes, read, truncated } = coverage;
    const review = reviewCodes(scored, read, truncated);
    if (doubt !== undefined) review.push(doubt);
    const decision = decide(
      {
        ...(scored.scores && { scores: scored.scores }),
        defaults: model?.thresholds ?? manifest.thresholds,
        ...ruleInput(scored.rules),
        review,
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

  return { pack, names, now, wantsSecondLook, look, withBytes, toAssessment };
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
