import type { Category } from "../labels.js";
import { type OpenState, openState } from "./hours.js";
import { sharesLanguage } from "./languages.js";
import { isSameRegion } from "./region.js";
import {
  type ChannelKind,
  CONFIDENCES,
  type DirectoryEntry,
  type ReferralChannel,
  type ReferralReason,
  WORLD,
} from "./schema.js";

/** What the order of services depends on. */
export interface Person {
  /** Whether the person at risk is under 18, by age or by what the message shows. */
  readonly isChild: boolean;
  /** Years of the person at risk, when known. */
  readonly age?: number;
  /** Part of the country, when known. */
  readonly region?: string;
  /** What help is wanted for; never empty. */
  readonly topics: readonly Category[];
  /** BCP 47 tags; empty when unknown. */
  readonly languages: readonly string[];
  /** Ways of reaching a service that are wanted; empty when any will do. */
  readonly channels?: readonly ChannelKind[];
  readonly free?: boolean;
  readonly anonymous?: boolean;
  /** Ids of services that take nobody at the moment, with the reason. */
  readonly full?: ReadonlyMap<string, "FULL_NOW" | "DAILY_CAP_REACHED">;
}

/** An entry with its channels, the one to try first at the beginning, and the reasons for its place. */
export interface Candidate {
  readonly entry: DirectoryEntry;
  readonly channels: readonly ReferralChannel[];
  readonly why: readonly ReferralReason[];
}

const OPEN_REASONS: Readonly<Record<OpenState, ReferralReason>> = {
  open: "OPEN_NOW",
  closed: "CLOSED_NOW",
  unknown: "HOURS_UNKNOWN",
};
const COST_REASONS = { free: "FREE", paid: "COSTS_MONEY", unknown: "COST_UNKNOWN" } as const;
const COST_RANKS = { free: 0, unknown: 1, paid: 2 } as const;

/** Orders entries for a person, best first; entries must have distinct ids, and then the order of the input is irrelevant. */
export function rank(entries: readonly DirectoryEntry[], person: Person, now: Date): Candidate[] {
  return entries
    .map((entry) => place(entry, person, now))
    .sort((a, b) => compareKeys(a.key, b.key) || (a.entry.id < b.entry.id ? -1 : 1));
}

interface Placed extends Candidate {
  /** Compared from left to right, smaller first. */
  readonly key: readonly number[];
}

function place(entry: DirectoryEntry, person: Person, now: Date): Placed {
  const isEmergency = entry.kinds.includes("emergency");
  const wrongAge = isForOtherAges(entry, person);
  const reportsOnly = entry.kinds.every((kind) => kind === "csam_report_hotline");
  const { channels, wanted, missing } = orderChannels(entry, person.channels);
  const state = openState(missing ? channels : wanted, now, entry.closedOn);
  // An operator's count must never stand between a person and an ambulance.
  const full = isEmergency ? undefined : person.full?.get(entry.id);
  const forChild = person.isChild && !wrongAge && entry.kinds.includes("child_helpline");
  const specialised = entry.topics.some((topic) => person.topics.includes(topic));
  const general = entry.topics.length === 0;
  const spoken = sharesLanguage(person.languages, entry.languages);
  const otherLanguage = person.languages.length > 0 && entry.languages.length > 0 && !entry.moreLanguages && !spoken;
  const region = regionReason(entry.region, person.region);
  const cost = channels[0].cost ?? entry.cost;

  const why: ReferralReason[] = [];
  if (forChild) why.push("CHILD_SERVICE_FOR_AGE");
  if (wrongAge) why.push("AGE_OUTSIDE_SERVICE");
  if (specialised) why.push("TOPIC_MATCH");
  else if (!general) why.push("LISTENS_TO_DISTRESS");
  else if (!isEmergency) why.push("GENERAL_SERVICE");
  if (reportsOnly) why.push("REPORTS_CONTENT");
  why.push(entry.country === WORLD ? "INTERNATIONAL_FINDER" : "COUNTRY_MATCH");
  if (region !== undefined) why.push(region);
  if (spoken) why.push("LANGUAGE_MATCH");
  if (person.channels !== undefined) why.push(missing ? "CHANNEL_MISSING" : "CHANNEL_MATCH");
  if (person.free) why.push(COST_REASONS[cost]);
  if (person.anonymous) why.push(anonymityReason(entry.anonymous));
  if (state !== undefined) why.push(OPEN_REASONS[state]);
  if (entry.closedOnHolidays && entry.closedOn === undefined) why.push("CLOSES_ON_HOLIDAYS");
  if (full !== undefined) why.push(full);

  const key = [
    Number(wrongAge),
    Number(region === "OTHER_REGION"),
    Number(!specialised && !general),
    Number(reportsOnly),
    // Before the child and topic keys: at three in the morning a line that answers beats the ideal one that does not.
    Number(state === "closed" || full !== undefined),
    Number(missing),
    Number(!forChild),
    Number(!specialised),
    spoken ? 0 : otherLanguage ? 2 : 1,
    person.free ? COST_RANKS[cost] : 0,
    person.anonymous ? (entry.anonymous === null ? 1 : entry.anonymous ? 0 : 2) : 0,
    Number(state === "unknown"),
    region === "REGION_MATCH" ? 0 : region === undefined ? 1 : 2,
    CONFIDENCES.indexOf(entry.confidence),
    entry.verifiedOn === null ? 0 : -dayOf(entry.verifiedOn),
  ];
  return { entry, channels, why, key };
}

/** The channels with the wanted ones first, and these alone; `missing` when some are wanted and there is none of them. */
function orderChannels(
  { channels }: DirectoryEntry,
  kinds: readonly ChannelKind[] | undefined,
): { channels: readonly ReferralChannel[]; wanted: readonly ReferralChannel[]; missing: boolean } {
  if (kinds === undefined) return { channels, wanted: channels, missing: false };
  const wanted = channels.filter(({ kind }) => kinds.includes(kind));
  const others = channels.filter(({ kind }) => !kinds.includes(kind));
  return { channels: [...wanted, ...others], wanted, missing: wanted.length === 0 };
}

function regionReason(served: string | undefined, region: string | undefined): ReferralReason | undefined {
  if (served === undefined) return undefined;
  if (region === undefined) return "REGION_ONLY";
  return isSameRegion(served, region) ? "REGION_MATCH" : "OTHER_REGION";
}

function anonymityReason(anonymous: boolean | null): ReferralReason {
  if (anonymous === null) return "ANONYMITY_UNKNOWN";
  return anonymous ? "ANONYMOUS" : "NOT_ANONYMOUS";
}

const days = new Map<string, number>();

/** The beginning of a day of the directory as milliseconds since 1970, UTC. */
export function dayOf(date: string): number {
  // Kept, because reading a date takes longer than placing a service, and a directory has few.
  let day = days.get(date);
  if (day === undefined) {
    day = Date.parse(date);
    days.set(date, day);
  }
  return day;
}

function isForOtherAges({ ages, kinds }: DirectoryEntry, { isChild, age }: Person): boolean {
  if (ages !== undefined) {
    if (age !== undefined) return age < ages.from || age > ages.to;
    return isChild && ages.from >= 18;
  }
  const childrenOnly =
    kinds.includes("child_helpline") &&
    kinds.every((kind) => kind === "child_helpline" || kind === "international_finder");
  return childrenOnly && age !== undefined && age >= 18;
}

function compareKeys(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((value, position) => value !== b[position]);
  return index < 0 ? 0 : a[index] - b[index];
}
