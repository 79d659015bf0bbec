import type { Category, Urgency } from "../labels.js";

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
  /** Days, `YYYY-MM-DD` in the time zone of the hours, on which nobody answers; a night that began the day before goes on. */
  readonly closedOn?: readonly string[];
  /** Whether the source says that it closes on public holidays; which days these are only `closedOn` says. */
  readonly closedOnHolidays?: boolean;
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

/** Ages that are spoken to in the same words, by the years at which they begin. */
export const AGE_BANDS = ["under9", "from9", "from13", "adult"] as const;
/** Ages that are spoken to in the same words: under 9, 9 to 12, 13 to 17, and 18 or older. */
export type AgeBand = (typeof AGE_BANDS)[number];

/** The words that go with a referral, by BCP 47 tag, level and age. */
export type ReferralMessages = Readonly<Record<string, Readonly<Record<Urgency, Readonly<Record<AgeBand, string>>>>>>;

/** The same with anything left out; what is left out stays as it is. */
export type OwnReferralMessages = Readonly<
  Record<string, Readonly<Partial<Record<Urgency, Readonly<Partial<Record<AgeBand, string>>>>>>>
>;

/** All services that may be offered. */
export interface ReferralDirectory {
  readonly name: string;
  readonly version: string;
  /** `YYYY-MM-DD` on which the facts were put together. */
  readonly generated: string;
  /** What a reader must know about all entries. */
  readonly note: string;
  readonly entries: readonly DirectoryEntry[];
  /** An operator's own words for `referralMessage`. */
  readonly messages?: OwnReferralMessages;
}

/**
 * An operator's file, which is laid over the bundled directory. An entry whose id is bundled replaces that entry whole:
 * fields are never mixed, so that every fact of an entry comes from the one source that it names. Other entries are added.
 */
export interface OwnDirectory extends ReferralDirectory {
  /** Ids of bundled entries that are not to be offered, or `all` of them; an id that is not bundled has no effect. */
  readonly leaveOut?: readonly string[] | "all";
}

/**
 * Why an entry was chosen, or stands where it stands.
 * `EMERGENCY_FIRST`: somebody may die within hours. `EMERGENCY_IF_WORSE`: in case it comes to that.
 * `CHILD_SERVICE_FOR_AGE`: for children, and the person is one. `AGE_OUTSIDE_SERVICE`: for other ages, as a last resort.
 * `TOPIC_MATCH`: specialised in the harm. `GENERAL_SERVICE`: turns nothing away. `LISTENS_TO_DISTRESS`: a crisis line, not
 * specialised in the harm. `REPORTS_CONTENT`: has images removed and does not counsel. `COUNTRY_MATCH`. `REGION_MATCH`,
 * `OTHER_REGION` (a last resort), `REGION_ONLY`: serves the person's part of the country, another, or one part where the
 * person's is not known. `INTERNATIONAL_FINDER`: lists services of all countries. `LANGUAGE_MATCH`. `CHANNEL_MATCH`,
 * `CHANNEL_MISSING`: whether it can be reached in a wanted way. `FREE`, `COSTS_MONEY`, `COST_UNKNOWN` and `ANONYMOUS`,
 * `NOT_ANONYMOUS`, `ANONYMITY_UNKNOWN`: only when that was asked for. `OPEN_NOW`, `CLOSED_NOW`, `HOURS_UNKNOWN`: at the
 * given instant. `CLOSES_ON_HOLIDAYS`: and nobody said which days these are. `FULL_NOW`, `DAILY_CAP_REACHED`: by a hint of
 * the operator.
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
  | "REGION_MATCH"
  | "OTHER_REGION"
  | "REGION_ONLY"
  | "INTERNATIONAL_FINDER"
  | "LANGUAGE_MATCH"
  | "CHANNEL_MATCH"
  | "CHANNEL_MISSING"
  | "FREE"
  | "COSTS_MONEY"
  | "COST_UNKNOWN"
  | "ANONYMOUS"
  | "NOT_ANONYMOUS"
  | "ANONYMITY_UNKNOWN"
  | "OPEN_NOW"
  | "CLOSED_NOW"
  | "HOURS_UNKNOWN"
  | "CLOSES_ON_HOLIDAYS"
  | "FULL_NOW"
  | "DAILY_CAP_REACHED";

/** An entry that was chosen for a person. */
export interface Referral extends DirectoryEntry {
  /** Whether `verifiedOn` is older than the policy allows, or unknown. */
  readonly stale: boolean;
  /** Why it was chosen, never empty. */
  readonly why: readonly ReferralReason[];
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
