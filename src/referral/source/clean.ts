import type {
  Confidence,
  DirectoryCaveat,
  DirectoryEntry,
  ReferralChannel,
  ReferralDirectory,
  ReferralKind,
} from "../schema.js";
import { readPublishedHours } from "./published-hours.js";
import { KINDS, LANGUAGE_TAGS, LANGUAGES, NAMES, TIME_ZONES, TOPICS } from "./tables.js";

/** One collected fact as it stands in `helplines.json`. */
export interface Fact {
  readonly country: string;
  readonly service: string;
  readonly kind: string;
  readonly phone: string | null;
  readonly text: string | null;
  readonly url: string | null;
  readonly hours: string | null;
  readonly languages: readonly string[];
  readonly source: string;
  readonly source_date: string | null;
  readonly confidence: Confidence;
}

/** A file of collected facts. */
export interface FactFile {
  readonly generated: string;
  readonly note: string;
  readonly entries: readonly Fact[];
}

/** Why a fact is not in the directory. */
export type LeftOutReason = "NAME_IS_PLACEHOLDER" | "NO_USABLE_ADDRESS" | "EMERGENCY_UNCONFIRMED";

/** The directory and how many facts did not enter it. */
export interface CleanResult {
  readonly directory: ReferralDirectory;
  readonly leftOut: ReadonlyMap<LeftOutReason, number>;
}

/** Makes the directory from facts. Throws when a kind, language, date or name is not covered by the tables. */
export function cleanFacts(files: readonly FactFile[]): CleanResult {
  const facts = files.flatMap(({ entries }) => entries);
  const leftOut = new Map<LeftOutReason, number>();
  const kept: Fact[] = [];
  for (const fact of facts) {
    const reason = reasonToLeaveOut(fact);
    if (reason === undefined) kept.push(fact);
    else leftOut.set(reason, (leftOut.get(reason) ?? 0) + 1);
  }
  const known = new Set(facts.map(nameKey));
  const unused = Object.keys(NAMES).filter((key) => !known.has(key));
  if (unused.length > 0) throw new Error(`Names without a fact: ${unused.join(", ")}`);
  const entries = withUniqueIds(kept.map(toEntry)).sort((a, b) => order(a.country, b.country) || order(a.id, b.id));
  const { generated, note } = files[0];
  const directory = { name: "earshot-directory", version: generated.replaceAll("-", "."), generated, note, entries };
  return { directory, leftOut };
}

function reasonToLeaveOut(fact: Fact): LeftOutReason | undefined {
  // Rows that prove an INHOPE membership and nothing else.
  if (fact.service.includes("still to be filled")) return "NAME_IS_PLACEHOLDER";
  if (!fact.phone && !fact.text && !fact.url) return "NO_USABLE_ADDRESS";
  // An "agreement" of one list is none, and a wrong emergency number costs the minutes that matter.
  if (fact.kind === "emergency" && fact.source.split("; ").length < 2) return "EMERGENCY_UNCONFIRMED";
  return undefined;
}

function toEntry(fact: Fact): DirectoryEntry {
  const kind = KINDS[fact.kind];
  if (kind === undefined) throw new Error(`Unknown kind: ${fact.kind}`);
  const name = NAMES[nameKey(fact)] ?? {};
  const service = name.service ?? fact.service.trim();
  return {
    id: `${fact.country.toLowerCase()}-${slug(service)}`,
    country: fact.country,
    ...(name.region && { region: name.region }),
    service,
    ...(name.operator && { operator: name.operator }),
    kinds: name.kinds ?? [kind],
    topics: name.topics ?? TOPICS[kind] ?? [],
    channels: readChannels(fact, kind),
    languages: readLanguages(fact.languages),
    moreLanguages: fact.languages.some(isUnnamed),
    ...(name.ages && { ages: name.ages }),
    cost: name.cost ?? "unknown",
    anonymous: null,
    verifiedOn: readDate(fact),
    verifiedBy: "source transcription; not dialled",
    source: fact.source.trim(),
    confidence: fact.confidence,
    caveats: readCaveats(fact),
  };
}

function readChannels({ country, phone, text, url, hours }: Fact, kind: ReferralKind): ReferralChannel[] {
  const channels: ReferralChannel[] = [];
  const numbers = splitNumbers(phone ?? "");
  if (kind === "emergency") numbers.sort((a, b) => mobileRank(a) - mobileRank(b));
  for (const address of numbers) channels.push({ kind: "call", address });
  if (text) channels.push({ kind: text.startsWith("WhatsApp ") ? "chat" : "text", address: text.trim() });
  if (url) channels.push({ kind: "web", address: url.trim() });
  if (!hours) return channels;
  const read = readPublishedHours(hours);
  const timeZone = read && "weekly" in read ? TIME_ZONES[country] : undefined;
  // The sources state one set of hours, the line's: texting often ends earlier, and a web page does not sleep.
  const door = channels[0].kind;
  return channels.map((channel) =>
    channel.kind === door
      ? { ...channel, ...(read ? { hours: read } : { hoursText: hours }), ...(timeZone && { timeZone }) }
      : channel,
  );
}

function splitNumbers(phone: string): string[] {
  const numbers = phone.split(" / ").map((number) => number.trim());
  // "03-7956 8144 / 8145" means that the last digits vary: on its own the second part reaches nobody.
  return numbers.filter(
    (number, index) => number !== "" && (index === 0 || digits(number) > 4 || digits(numbers[0]) <= 5),
  );
}

// 112 and 911 are the two numbers that every mobile phone treats as an emergency call (3GPP TS 22.101, section 10.1.1).
function mobileRank(number: string): number {
  return number === "112" ? 0 : number === "911" ? 1 : 2;
}

function digits(number: string): number {
  return number.replace(/\D/g, "").length;
}

function readLanguages(published: readonly string[]): string[] {
  const stated = published.filter((language) => !isUnnamed(language) && !language.endsWith("(not stated)"));
  return stated.map((language) => {
    const tag = LANGUAGES[language] ?? (LANGUAGE_TAGS.has(language) ? language : undefined);
    if (tag === undefined) throw new Error(`Unknown language: ${language}`);
    return tag;
  });
}

// "+18" and "100+ by interpreter": languages that are counted and not named.
function isUnnamed(language: string): boolean {
  return language.startsWith("+") || language.endsWith("by interpreter");
}

/**
 * The day of the statement. A day that the source names counts if it lies in the period of the statement, or before it: what
 * was copied in 2022 cannot say more later. A later day does not count: to have seen an old page again does not renew it.
 * Without such a day the period's first one stands, so that an entry looks too old rather than too fresh.
 */
function readDate({ source, source_date: period }: Fact): string | null {
  if (period === null) return null;
  const match = /^(\d{4})(?:-(\d{4}))?$/.exec(period);
  if (match === null) throw new Error(`Unknown period: ${period}`);
  const [, first, last = first] = match;
  const days = (source.match(/\b\d{4}-\d{2}-\d{2}\b/g) ?? []).filter((day) => day.slice(0, 4) <= last).sort();
  return days.find((day) => day.slice(0, 4) >= first) ?? days.at(-1) ?? `${first}-01-01`;
}

function readCaveats({ kind, source }: Fact): DirectoryCaveat[] {
  if (kind === "emergency") return ["NUMBERS_MAY_BE_PARTIAL"];
  return source.includes(" + ") || source.includes("also named in") ? [] : ["SINGLE_SOURCE"];
}

function withUniqueIds(entries: readonly DirectoryEntry[]): DirectoryEntry[] {
  const counts = new Map<string, number>();
  for (const { id } of entries) counts.set(id, (counts.get(id) ?? 0) + 1);
  return entries.map((entry) =>
    counts.get(entry.id) === 1 ? entry : { ...entry, id: `${entry.id}-${slug(entry.kinds[0])}` },
  );
}

function nameKey({ country, service }: Fact): string {
  return `${country}|${service}`;
}

function slug(name: string): string {
  const letters = name
    .toLowerCase()
    .normalize("NFD")
    .replace(/[\p{M}']/gu, "")
    .replaceAll("ø", "o");
  return letters.replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
