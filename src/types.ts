import type { Category, ReviewCode, Signal, Urgency } from "./labels.js";
import type { Referral, ReferralNotice } from "./referral/schema.js";

/** Calibrated probabilities in [0, 1]. `urgency` sums to 1; each category and signal stands for itself. */
export interface Scores {
  readonly urgency: Readonly<Record<Urgency, number>>;
  readonly categories: Readonly<Record<Category, number>>;
  readonly signals: Readonly<Record<Signal, number>>;
}

/** One thing that moved the result. Codes only, never words: `signal:now`, `rule:immediate`. */
export interface Reason {
  readonly code: string;
  /** Share in [0, 1]: the probability of a signal, 1 for a rule that matched. */
  readonly weight: number;
}

/** `[start, end, weight]`: byte offsets into the caller's own UTF-8 copy, and the exact contribution to the risk score in logits. */
export type Span = readonly [start: number, end: number, weight: number];

/** What the text is written in. */
export interface DetectedLanguage {
  /** BCP 47 tag, `und` when nothing can be said. */
  readonly tag: string;
  /** Probability in [0, 1]; 1 when the caller stated the language. */
  readonly confidence: number;
  /** Whether the pack has risk data in this language. */
  readonly supported: boolean;
}

/** How much of the message was read. */
export interface Coverage {
  /** Bytes of the text as given. */
  readonly bytes: number;
  /** Words (for Chinese: characters) that were scored. */
  readonly tokens: number;
  /** Overlapping windows that were scored beside the whole; 0 for a short message. */
  readonly windows: number;
  /** Whether text past the hard limit was left out. */
  readonly truncated: boolean;
}

/** Codes of the scales that services already use. */
export interface StandardCodes {
  /** UK Mental Health Triage Scale, A (emergency) to G. */
  readonly ukMentalHealthTriageScale: string;
  /** Columbia-Suicide Severity Rating Scale screener items that the level corresponds to; empty when none does. */
  readonly columbiaScreener: string;
  /** ReachOut triage level: crisis, red, amber or green. */
  readonly reachOut: string;
  /** NHS Data Dictionary, CLINICAL RESPONSE PRIORITY TYPE: 1 emergency, 2 urgent or serious, 3 routine. */
  readonly nhsPriority: string;
  /** Per category over its threshold, in the same order as `Assessment.categories`. */
  readonly categories: readonly CategoryCodes[];
}

/** Where one category stands in other taxonomies. */
export interface CategoryCodes {
  readonly category: Category;
  /** Child Helpline International category and subcategory. */
  readonly childHelplineInternational: { readonly category: string; readonly subcategory: string };
  /** The 5Cs of online risk: content, contact, conduct, contract, cross-cutting. */
  readonly fiveCs: "content" | "contact" | "conduct" | "contract" | "cross-cutting";
  /** MLCommons hazard (S1 to S14) where one fits. */
  readonly mlCommonsHazard: string | null;
}

/** The result for one message, the same object in every interface. */
export interface Assessment {
  readonly schemaVersion: 1;
  /** The caller's id, if one was given. */
  readonly id?: string;
  /** Level by policy. */
  readonly urgency: Urgency;
  /** In [0, 1]; a higher one is served first; its order never contradicts `urgency`. */
  readonly priority: number;
  /** Absent, with the review code `MODEL_UNAVAILABLE`, when the model could not run. */
  readonly scores?: Scores;
  /** Categories over their thresholds, strongest first. */
  readonly categories: readonly Category[];
  /** Signals over their thresholds, strongest first. */
  readonly signals: readonly Signal[];
  /** Why a person should look anyway; empty when nothing is in doubt. */
  readonly review: readonly ReviewCode[];
  readonly reasons: readonly Reason[];
  /** Only when asked for. */
  readonly spans?: readonly Span[];
  readonly language: DetectedLanguage;
  /** From the policy. */
  readonly respondWithinMinutes: number;
  readonly standards: StandardCodes;
  /** Who can help, in order. */
  readonly referrals: readonly Referral[];
  /** Why nobody, or not all that was looked for, could be named. */
  readonly referralNotice?: ReferralNotice;
  readonly coverage: Coverage;
  /** Only for turns of a conversation. */
  readonly trend?: Trend;
  /** `name@version` of the model pack. */
  readonly pack: string;
  /** `name@version` of the policy. */
  readonly policy: string;
  /** `name@version` of the directory. */
  readonly directory: string;
}

/** One speaker of a conversation. */
export interface SpeakerTrend {
  /** As the caller named them; null where several share the last place for numbered speakers. */
  readonly speaker: "person" | "counsellor" | "other" | number | null;
  readonly turns: number;
  /** Probability in [0, 1] that this speaker is at risk, at `urgent` or graver; 0 for the counsellor. */
  readonly atRisk: number;
  /**
   * Score in [0, 1] of being the one who threatens, grooms or recruits; 0 for the counsellor. Learned from few examples and
   * mostly from what the others write: a hint whom to look at, no finding about anybody.
   */
  readonly threatens: number;
}

/** How a conversation as a whole stands after a turn. */
export interface Trend {
  readonly turns: number;
  /** Of the conversation, whatever the level of its latest turn. */
  readonly level: Urgency;
  /** In [0, 1]; orders the queue as `Assessment.priority` does, by `level` and `risk`. */
  readonly priority: number;
  /** Probability in [0, 1] that the conversation is `urgent` or graver, by its evidence alone. */
  readonly risk: number;
  /** In [-1, 1]: `risk` less its running mean; above 0 while it gets worse. */
  readonly slope: number;
  /** Index of the turn, from 0, at which the conversation first was `urgent` or graver; null for never. */
  readonly firstAlert: number | null;
  /** Whether the level is held from earlier turns and the evidence alone would ask for less. */
  readonly held: boolean;
  /** Why: `trend:turn`, `trend:past`, `trend:course`, `trend:others`, `trend:silence`, each with its share; strongest first. */
  readonly reasons: readonly Reason[];
  /** Everyone who has spoken: the roles first, then numbered speakers in the order in which they came. */
  readonly speakers: readonly SpeakerTrend[];
}

/** What the caller knows about a message. */
export interface MessageContext {
  /** Returned as `Assessment.id`. */
  readonly id?: string;
  /** BCP 47 tag, when known; otherwise the language is identified. */
  readonly language?: string;
  /** ISO 3166-1 alpha-2 of the person, for referrals. */
  readonly country?: string;
  /** Years, 0 to 120, for referrals. */
  readonly age?: number;
}
