import type { Category, Signal, Urgency } from "../labels.js";

/** What sort of service an entry is; one service can be of several kinds. */
export const REFERRAL_KINDS = [
  "emergency",
  "child_helpline",
  "suicide_crisis",
  "domestic_violence",
  "sexual_violence",
  "csam_report_hotline",
  "mental_health",
  "substance_use",
  "health",
  "legal_aid",
  "peer_support",
  "missing_children",
  "human_trafficking",
  "online_safety",
  "international_finder",
] as const;
/** What sort of service an entry is. `csam_report_hotline` takes reports of images and does not counsel. */
export type ReferralKind = (typeof REFERRAL_KINDS)[number];

/** Ways to reach a service. */
export const CHANNEL_KINDS = ["call", "text", "chat", "email", "web"] as const;
/** A way to reach a service; messengers such as WhatsApp are `chat`. */
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

/** How far an entry can be trusted, best first. */
export const CONFIDENCES = ["high", "medium", "low"] as const;
/** How far an entry can be trusted, in the judgement of whoever collected it. */
export type Confidence = (typeof CONFIDENCES)[number];

/** What reaching a service costs the person. */
export const COSTS = ["free", "paid", "unknown"] as const;
/** What reaching a service costs the person; `unknown` when the source does not say. */
export type Cost = (typeof COSTS)[number];

/** Days of the week as RFC 5545 and Open Referral HSDS write them, in the order of `Date.getDay`. */
export const DAYS = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"] as const;
/** A day of the week. */
export type Day = (typeof DAYS)[number];

/** What a reader should know before relying on an entry. */
export const DIRECTORY_CAVEATS = ["NUMBERS_MAY_BE_PARTIAL", "SINGLE_SOURCE"] as const;
/**
 * What a reader should know before relying on an entry. `NUMBERS_MAY_BE_PARTIAL`: these are the numbers that several
 * lists agree on, others may exist, and which one is police, ambulance or fire brigade is not recorded.
 * `SINGLE_SOURCE`: only one source states it.
 */
export type DirectoryCaveat = (typeof DIRECTORY_CAVEATS)[number];

/** The country code of entries that serve the whole world (UN M49). */
export const WORLD = "001";

/** Hours that repeat on the given days, local wall-clock time. Public holidays are not known to the directory. */
export interface WeeklyHours {
  readonly days: readonly Day[];
  /** `HH:MM`, 00:00 to 23:59. */
  readonly from: string;
  /** `HH:MM`, exclusive, up to 24:00; at or before `from` it is a time on the following day. */
  readonly to: string;
}

/** When a channel is staffed: day and night, or at the listed times. */
export type OpeningHours = { readonly always: true } | { readonly weekly: readonly WeeklyHours[] };

/** One way to reach a service. */
export interface ReferralChannel {
  readonly kind: ChannelKind;
  /** Exactly as published: a short code is not a subscriber number and would break when rewritten to E.164. */
  readonly address: string;
  /** Absent when the source does not state them unambiguously. */
  readonly hours?: OpeningHours;
  /** The published words, when they could not be read as `hours`. */
  readonly hoursText?: string;
  /** IANA time zone of `hours`; absent when it is not certain, and then nobody can say whether the channel is open. */
  readonly timeZone?: string;
  /** Where it differs from the cost of the service. */
  readonly cost?: Cost;
}

/** The ages that a service states to be for, in years, both inclusive. */
export interface AgeRange {
  readonly from: number;
  readonly to: number;
}

/** One service. */
export interface DirectoryEntry {
  /** Unique and stable: `gb-childline`. */
  readonly id: string;
  /** ISO 3166-1 alpha-2 (the United Kingdom is `GB`), or `001` for the whole world. */
  readonly country: string;
  /** Name of the only part of the country that it serves. */
  readonly region?: string;
  readonly service: string;
  readonly operator?: string;
  readonly kinds: readonly ReferralKind[];
  /** What it helps with; empty means that it turns nothing away. */
  readonly topics: readonly Category[];
  /** The one to try first stands first; never empty. */
  readonly channels: readonly ReferralChannel[];
  /** BCP 47 tags; empty when the source names none. */
  readonly languages: readonly string[];
  /** Whether it also speaks languages that the source does not name, for example through interpreters. */
  readonly moreLanguages: boolean;
  /** Absent when the source states none. */
  readonly ages?: AgeRange;
  readonly cost: Cost;
  /** Whether a person may stay anonymous; null when the source does not say. */
  readonly anonymous: boolean | null;
  /** As published, for example `sign language by video`. */
  readonly accessibility?: readonly string[];
  /** `YYYY-MM-DD` of the newest statement behind the entry, at its earliest when only a year is known; null when undated. */
  readonly verifiedOn: string | null;
  /** How it was verified. */
  readonly verifiedBy: string;
  /** Where it was read. */
  readonly source: string;
  readonly confidence: Confidence;
  readonly caveats: readonly DirectoryCaveat[];
}

/** All services that may be offered. An operator's own file has the same form. */
export interface ReferralDirectory {
  readonly name: string;
  readonly version: string;
  /** `YYYY-MM-DD` on which the facts were put together. */
  readonly generated: string;
  /** What a reader must know about all entries. */
  readonly note: string;
  readonly entries: readonly DirectoryEntry[];
}

/**
 * Why an entry was chosen, or stands where it stands.
 * `EMERGENCY_FIRST`: somebody may die within hours. `EMERGENCY_IF_WORSE`: in case it comes to that.
 * `CHILD_SERVICE_FOR_AGE`: for children, and the person is one. `AGE_OUTSIDE_SERVICE`: for other ages, as a last resort.
 * `TOPIC_MATCH`: specialised in the harm. `GENERAL_SERVICE`: turns nothing away. `LISTENS_TO_DISTRESS`: a crisis line, not
 * specialised in the harm. `REPORTS_CONTENT`: has images removed and does not counsel. `COUNTRY_MATCH`. `REGION_ONLY`: serves
 * a part of the country. `INTERNATIONAL_FINDER`: lists services of all countries. `LANGUAGE_MATCH`. `OPEN_NOW`, `CLOSED_NOW`,
 * `HOURS_UNKNOWN`: at the given instant.
 */
export type ReferralReason =
  | "EMERGENCY_FIRST"
  | "EMERGENCY_IF_WORSE"
  | "CHILD_SERVICE_FOR_AGE"
  | "AGE_OUTSIDE_SERVICE"
  | "TOPIC_MATCH"
  | "GENERAL_SERVICE"
  | "LISTENS_TO_DISTRESS"
  | "REPORTS_CONTENT"
  | "COUNTRY_MATCH"
  | "REGION_ONLY"
  | "INTERNATIONAL_FINDER"
  | "LANGUAGE_MATCH"
  | "OPEN_NOW"
  | "CLOSED_NOW"
  | "HOURS_UNKNOWN";

/** An entry that was chosen for a person. */
export interface Referral extends DirectoryEntry {
  /** Whether `verifiedOn` is older than the policy allows, or unknown. */
  readonly stale: boolean;
  readonly why: readonly ReferralReason[];
}

/** What the choice depends on; nothing in it is text of the message. */
export interface ReferralRequest {
  /** ISO 3166-1 alpha-2, any case; `UK` is understood as `GB`. */
  readonly country?: string;
  readonly urgency: Urgency;
  readonly categories: readonly Category[];
  readonly signals: readonly Signal[];
  /** Years. */
  readonly age?: number;
  /** BCP 47 tags that the person understands. */
  readonly languages?: readonly string[];
  /** Most entries to return, at least 0; 3 when absent. */
  readonly limit?: number;
  /** Days after which an entry is marked stale; 365 when absent. */
  readonly staleAfterDays?: number;
}

/**
 * Why there is nothing, or not everything, to offer. `NOT_NEEDED`: the message is routine and names no harm.
 * `COUNTRY_UNKNOWN`: no usable country was given, so no number is shown. `COUNTRY_NOT_COVERED`: the directory holds nothing
 * for it. `NO_EMERGENCY_NUMBER`: one is needed and none is known. `NO_SERVICE_FOR_TOPIC`: nobody there is known to take this
 * harm; crisis lines and international finders stand in.
 */
export type ReferralNotice =
  | "NOT_NEEDED"
  | "COUNTRY_UNKNOWN"
  | "COUNTRY_NOT_COVERED"
  | "NO_EMERGENCY_NUMBER"
  | "NO_SERVICE_FOR_TOPIC";

/** Who can help, in order; `notice` is always present when `referrals` is empty for another reason than `limit: 0`. */
export interface ReferralResult {
  readonly referrals: readonly Referral[];
  readonly notice?: ReferralNotice;
}
