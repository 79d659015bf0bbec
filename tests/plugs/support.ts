import type { Category, ReviewCode, Urgency } from "../../src/labels.js";
import type { PlugServices } from "../../src/plugs/plug.js";
import { priorityOf, UNKNOWN_RISK } from "../../src/policy/priority.js";
import { standardCodes } from "../../src/policy/standards.js";
import type { AssessOptions } from "../../src/triage.js";
import type { Assessment } from "../../src/types.js";
import { scoresOf } from "../policy/support.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A body with bytes of an earlier request behind it, as in a buffer that is used again. */
export function bodyOf(json: unknown): { readonly body: Uint8Array; readonly length: number } {
  const text = encoder.encode(typeof json === "string" ? json : JSON.stringify(json));
  const body = new Uint8Array(text.length + 7).fill(0x7d);
  body.set(text);
  return { body, length: text.length };
}

/** An assessment of the given level; the scores are only as good as a test needs them. */
export function assessmentOf(
  urgency: Urgency,
  more: {
    readonly categories?: readonly Category[];
    readonly review?: readonly ReviewCode[];
    readonly withScores?: boolean;
    readonly language?: string;
  } = {},
): Assessment {
  const { categories = [], review = [], withScores = true, language = "en" } = more;
  const shares = Object.fromEntries(categories.map((category) => [category, 0.9]));
  return {
    schemaVersion: 1,
    id: "m-1",
    urgency,
    priority: priorityOf(urgency, UNKNOWN_RISK),
    ...(withScores && { scores: scoresOf([0.5, 0.25, 0.125], shares) }),
    categories,
    signals: ["now"],
    review,
    reasons: [{ code: "signal:now", weight: 0.75 }],
    spans: [[0, 4, 1.5]],
    language: { tag: language, confidence: 1, supported: true },
    respondWithinMinutes: 5,
    standards: standardCodes(urgency, categories),
    referrals: [],
    referralNotice: "COUNTRY_UNKNOWN" as NonNullable<Assessment["referralNotice"]>,
    coverage: { bytes: 12, tokens: 3, windows: 0, truncated: false },
    pack: "base@1",
    policy: "default@1",
    directory: "bundled@1",
  };
}

/** Services that answer with what a test wants, and remember what they were given. */
export interface RecordedServices extends PlugServices {
  readonly calls: { readonly text: string; readonly bytes: Uint8Array; readonly options: AssessOptions }[];
}

/** Answers every message with `answer`, or throws it. */
export function servicesWith(answer: Assessment | Error, more: Partial<PlugServices> = {}): RecordedServices {
  const calls: RecordedServices["calls"] = [];
  return {
    ...more,
    calls,
    async assess(bytes, options) {
      calls.push({ text: decoder.decode(bytes), bytes, options });
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
}
