import type { Category } from "../labels.js";
import { type Candidate, dayOf, type Person, rank } from "./rank.js";
import type { Capacity, ReferralRequest } from "./request.js";
import {
  type DirectoryEntry,
  type Referral,
  type ReferralDirectory,
  type ReferralNotice,
  type ReferralReason,
  type ReferralResult,
  WORLD,
} from "./schema.js";

const DEFAULT_LIMIT = 3;
const DEFAULT_STALE_AFTER_DAYS = 365;
const MILLISECONDS_PER_DAY = 86_400_000;

/**
 * Chooses who can help, best first. Emergency services lead when the urgency is `immediate`, close the list when it is
 * `urgent`, and are left out otherwise. Services that do not take the harm are left out, except that a crisis line listens to
 * any distress; services that are closed or full now sink, and so does what misses a preference, but nothing is left out for it.
 * Without a known country no number is shown. Pure: the same request, directory (in any order) and instant give the same
 * result. Expects a validated directory and throws nothing then.
 */
export function resolveReferrals(request: ReferralRequest, directory: ReferralDirectory, now: Date): ReferralResult {
  const { urgency, categories } = request;
  if (urgency === "routine" && categories.length === 0) return { referrals: [], notice: "NOT_NEEDED" };

  const person = toPerson(request, now);
  const country = toCountry(request.country);
  const local = entriesOf(directory, country);
  const emergency = rank(local.filter(isEmergency), person, now);
  let helpers = rank(
    local.filter((entry) => !isEmergency(entry) && canHelp(entry, person.topics)),
    person,
    now,
  );
  const lacksEmergency = urgency === "immediate" && emergency.length === 0;
  const lacksTopic = !helpers.some(({ entry }) => takesHarm(entry, person.topics));
  const notice = findNotice(country, local.length, lacksEmergency, lacksTopic);
  if (helpers.length === 0) helpers = rank(entriesOf(directory, WORLD).filter(isFinder), person, now);

  const limit = request.limit ?? DEFAULT_LIMIT;
  const chosen = withoutRepeats(arrange(urgency, emergency, helpers, limit)).slice(0, limit);
  const before = staleBefore(now, request.staleAfterDays);
  const referrals = chosen.map((candidate) => toReferral(candidate, before));
  return notice === undefined ? { referrals } : { referrals, notice };
}

// A directory is not changed once it is in use, and asked for few countries.
const entriesByCountry = new WeakMap<ReferralDirectory, Map<string, readonly DirectoryEntry[]>>();

/** The entries of one country; the unknown country has none. */
export function entriesOf(directory: ReferralDirectory, country: string | undefined): readonly DirectoryEntry[] {
  if (country === undefined) return [];
  let known = entriesByCountry.get(directory);
  if (known === undefined) {
    known = new Map();
    for (const entry of directory.entries) known.set(entry.country, [...(known.get(entry.country) ?? []), entry]);
    entriesByCountry.set(directory, known);
  }
  return known.get(country) ?? [];
}

function toPerson(request: ReferralRequest, now: Date): Person {
  const { age, channels, signals } = request;
  const isChild = (age !== undefined && age < 18) || signals.includes("young");
  const isForAnother = isChild || signals.includes("third_party");
  return {
    isChild,
    // An adult may write for somebody else: the age is the writer's then, and says nothing about the one at risk.
    ...(age !== undefined && !(isForAnother && age >= 18) && { age }),
    ...(request.region !== undefined && { region: request.region }),
    topics: topicsOf(request),
    languages: request.languages ?? [],
    ...(channels !== undefined && channels.length > 0 && { channels }),
    ...(request.free && { free: true }),
    ...(request.anonymous && { anonymous: true }),
    ...(request.capacity !== undefined && { full: findFull(request.capacity, now) }),
  };
}

/** What help is looked for. Where something was found and no harm named, whoever listens to distress is the nearest. */
export function topicsOf({ categories }: ReferralRequest): readonly Category[] {
  return categories.length > 0 ? categories : ["mental_health"];
}

function findFull(capacity: readonly Capacity[], now: Date): NonNullable<Person["full"]> {
  const full = new Map<string, "FULL_NOW" | "DAILY_CAP_REACHED">();
  for (const { id, fullUntil, dailyCap, referredToday = 0 } of capacity) {
    if (dailyCap !== undefined && referredToday >= dailyCap) full.set(id, "DAILY_CAP_REACHED");
    if (fullUntil !== undefined && now.getTime() < fullUntil) full.set(id, "FULL_NOW");
  }
  return full;
}

/** The country code as the directory writes it; undefined when it is none. */
export function toCountry(given: string | undefined): string | undefined {
  const country = given?.toUpperCase();
  if (country === undefined || !/^[A-Z]{2}$/.test(country)) return undefined;
  return country === "UK" ? "GB" : country;
}

/** Whether an entry is one of police, ambulance and fire brigade. */
export function isEmergency({ kinds }: DirectoryEntry): boolean {
  return kinds.includes("emergency");
}

/** Whether a service takes one of the harms, or listens to any distress. */
export function canHelp(entry: DirectoryEntry, topics: readonly Category[]): boolean {
  return takesHarm(entry, topics) || entry.kinds.includes("suicide_crisis");
}

function takesHarm(entry: DirectoryEntry, topics: readonly Category[]): boolean {
  return entry.topics.length === 0 || entry.topics.some((topic) => topics.includes(topic));
}

/** Whether an entry may be shown where the country is not known or nobody there helps. */
export function isFinder({ kinds, channels }: DirectoryEntry): boolean {
  const hasNumber = channels.some(({ kind }) => kind !== "web" && kind !== "email");
  return kinds.includes("international_finder") && !hasNumber;
}

function findNotice(
  country: string | undefined,
  entries: number,
  lacksEmergency: boolean,
  lacksTopic: boolean,
): ReferralNotice | undefined {
  if (country === undefined) return "COUNTRY_UNKNOWN";
  if (entries === 0) return "COUNTRY_NOT_COVERED";
  if (lacksEmergency) return "NO_EMERGENCY_NUMBER";
  return lacksTopic ? "NO_SERVICE_FOR_TOPIC" : undefined;
}

function arrange(
  urgency: ReferralRequest["urgency"],
  emergency: readonly Candidate[],
  helpers: readonly Candidate[],
  limit: number,
): Candidate[] {
  if (urgency === "immediate") return [...emergency.map((one) => withReason(one, "EMERGENCY_FIRST")), ...helpers];
  if (urgency !== "urgent" || emergency.length === 0) return [...helpers];
  const last = withReason(emergency[0], "EMERGENCY_IF_WORSE");
  return [...withoutRepeats(helpers).slice(0, Math.max(limit - 1, 1)), last];
}

// Two services behind one number, for example for children and for women, are one call.
function withoutRepeats(candidates: readonly Candidate[]): Candidate[] {
  const seen = new Set<string>();
  return candidates.filter(({ channels }) => {
    const { address } = channels[0];
    if (seen.has(address)) return false;
    seen.add(address);
    return true;
  });
}

function withReason({ entry, channels, why }: Candidate, reason: ReferralReason): Candidate {
  return { entry, channels, why: [reason, ...why] };
}

function toReferral({ entry, channels, why }: Candidate, before: number): Referral {
  const stale = isStale(entry, before);
  // Not a spread: that copies the entry's hidden shape anew for each message, seven times slower and into long-lived memory.
  return Object.assign({}, entry, { channels, stale, why });
}

/** Whether an entry was last verified before an instant, in milliseconds since 1970, or nobody knows when. */
export function isStale({ verifiedOn }: DirectoryEntry, before: number): boolean {
  return verifiedOn === null || dayOf(verifiedOn) < before;
}

/** The instant before which an entry was verified too long ago, in milliseconds since 1970; 365 days when none are given. */
export function staleBefore(now: Date, days: number = DEFAULT_STALE_AFTER_DAYS): number {
  return now.getTime() - days * MILLISECONDS_PER_DAY;
}
