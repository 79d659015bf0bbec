import type { Category } from "../labels.js";
import { type OpenState, openState } from "./hours.js";
import { sharesLanguage } from "./languages.js";
import { CONFIDENCES, type DirectoryEntry, type ReferralReason, WORLD } from "./schema.js";

/** What the order of services depends on. */
export interface Person {
  /** Whether the person at risk is under 18, by age or by what the message shows. */
  readonly isChild: boolean;
  /** Years of the person at risk, when known. */
  readonly age?: number;
  /** What help is wanted for; never empty. */
  readonly topics: readonly Category[];
  /** BCP 47 tags; empty when unknown. */
  readonly languages: readonly string[];
}

/** An entry with the reasons for its place. */
export interface Candidate {
  readonly entry: DirectoryEntry;
  readonly why: readonly ReferralReason[];
}

const OPEN_REASONS: Readonly<Record<OpenState, ReferralReason>> = {
  open: "OPEN_NOW",
  closed: "CLOSED_NOW",
  unknown: "HOURS_UNKNOWN",
};

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
  const wrongAge = isForOtherAges(entry, person);
  const reportsOnly = entry.kinds.every((kind) => kind === "csam_report_hotline");
  const state = openState(entry.channels, now);
  const forChild = person.isChild && !wrongAge && entry.kinds.includes("child_helpline");
  const specialised = entry.topics.some((topic) => person.topics.includes(topic));
  const general = entry.topics.length === 0;
  const spoken = sharesLanguage(person.languages, entry.languages);
  const otherLanguage = person.languages.length > 0 && entry.languages.length > 0 && !entry.moreLanguages && !spoken;

  const why: ReferralReason[] = [];
  if (forChild) why.push("CHILD_SERVICE_FOR_AGE");
  if (wrongAge) why.push("AGE_OUTSIDE_SERVICE");
  if (specialised) why.push("TOPIC_MATCH");
  else if (!general) why.push("LISTENS_TO_DISTRESS");
  else if (!entry.kinds.includes("emergency")) why.push("GENERAL_SERVICE");
  if (reportsOnly) why.push("REPORTS_CONTENT");
  why.push(entry.country === WORLD ? "INTERNATIONAL_FINDER" : "COUNTRY_MATCH");
  if (entry.region !== undefined) why.push("REGION_ONLY");
  if (spoken) why.push("LANGUAGE_MATCH");
  if (state !== undefined) why.push(OPEN_REASONS[state]);

  const key = [
    Number(wrongAge),
    Number(!specialised && !general),
    Number(reportsOnly),
    // Before the child and topic keys: at three in the morning a line that answers beats the ideal one that does not.
    Number(state === "closed"),
    Number(!forChild),
    Number(!specialised),
    spoken ? 0 : otherLanguage ? 2 : 1,
    Number(state === "unknown"),
    Number(entry.region !== undefined),
    CONFIDENCES.indexOf(entry.confidence),
    entry.verifiedOn === null ? 0 : -Date.parse(entry.verifiedOn),
  ];
  return { entry, why, key };
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
