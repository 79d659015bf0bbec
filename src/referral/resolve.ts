import { type Candidate, type Person, rank } from "./rank.js";
import {
  type DirectoryEntry,
  type Referral,
  type ReferralDirectory,
  type ReferralNotice,
  type ReferralReason,
  type ReferralRequest,
  type ReferralResult,
  WORLD,
} from "./schema.js";

const DEFAULT_LIMIT = 3;
const DEFAULT_STALE_AFTER_DAYS = 365;
const MILLISECONDS_PER_DAY = 86_400_000;

/**
 * Chooses who can help, best first. Emergency services lead when the urgency is `immediate`, close the list when it is
 * `urgent`, and are left out otherwise. Services that do not take the harm are left out, except that a crisis line listens to
 * any distress; services that are closed now sink.
 * Without a known country no number is shown. Pure: the same request, directory (in any order) and instant give the same
 * result. Expects a validated directory and throws nothing then.
 */
export function resolveReferrals(request: ReferralRequest, directory: ReferralDirectory, now: Date): ReferralResult {
  const { urgency, categories } = request;
  if (urgency === "routine" && categories.length === 0) return { referrals: [], notice: "NOT_NEEDED" };

  const person = toPerson(request);
  const country = toCountry(request.country);
  const local = directory.entries.filter((entry) => entry.country === country);
  const isEmergency = (entry: DirectoryEntry): boolean => entry.kinds.includes("emergency");
  const emergency = rank(local.filter(isEmergency), person, now);
  let helpers = rank(
    local.filter(
      (entry) => !isEmergency(entry) && (takesHarm(entry, person) || entry.kinds.includes("suicide_crisis")),
    ),
    person,
    now,
  );
  const lacksEmergency = urgency === "immediate" && emergency.length === 0;
  const lacksTopic = !helpers.some(({ entry }) => takesHarm(entry, person));
  const notice = findNotice(country, local.length, lacksEmergency, lacksTopic);
  if (helpers.length === 0) helpers = rank(directory.entries.filter(isFinder), person, now);

  const limit = request.limit ?? DEFAULT_LIMIT;
  const chosen = withoutRepeats(arrange(urgency, emergency, helpers, limit)).slice(0, limit);
  const staleBefore = now.getTime() - (request.staleAfterDays ?? DEFAULT_STALE_AFTER_DAYS) * MILLISECONDS_PER_DAY;
  const referrals = chosen.map((candidate) => toReferral(candidate, staleBefore));
  return notice === undefined ? { referrals } : { referrals, notice };
}

function toPerson({ age, categories, languages, signals }: ReferralRequest): Person {
  const isChild = (age !== undefined && age < 18) || signals.includes("young");
  return {
    isChild,
    // An adult may write for a child: the age is the writer's then, and says nothing about the child.
    ...(age !== undefined && !(isChild && age >= 18) && { age }),
    // Something was found and no harm named: whoever listens to distress is the nearest.
    topics: categories.length > 0 ? categories : ["mental_health"],
    languages: languages ?? [],
  };
}

function toCountry(given: string | undefined): string | undefined {
  const country = given?.toUpperCase();
  if (country === undefined || !/^[A-Z]{2}$/.test(country)) return undefined;
  return country === "UK" ? "GB" : country;
}

function takesHarm({ topics }: DirectoryEntry, person: Person): boolean {
  return topics.length === 0 || topics.some((topic) => person.topics.includes(topic));
}

function isFinder({ country, kinds, channels }: DirectoryEntry): boolean {
  const hasNumber = channels.some(({ kind }) => kind !== "web" && kind !== "email");
  return country === WORLD && kinds.includes("international_finder") && !hasNumber;
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
  return candidates.filter(({ entry }) => {
    const { address } = entry.channels[0];
    if (seen.has(address)) return false;
    seen.add(address);
    return true;
  });
}

function withReason({ entry, why }: Candidate, reason: ReferralReason): Candidate {
  return { entry, why: [reason, ...why] };
}

function toReferral({ entry, why }: Candidate, staleBefore: number): Referral {
  const stale = entry.verifiedOn === null || Date.parse(entry.verifiedOn) < staleBefore;
  // Not a spread: that copies the entry's hidden shape anew for each message, seven times slower and into long-lived memory.
  return Object.assign({}, entry, { stale, why });
}
