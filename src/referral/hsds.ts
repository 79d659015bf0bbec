import { createHash } from "node:crypto";
import { DAYS, type DirectoryEntry, type OpeningHours, type ReferralChannel, WORLD } from "./schema.js";

/** An object of the Open Referral Human Services Data Specification, version 3.0: https://docs.openreferral.org/en/v3.0.1/ */
export type HsdsObject = { readonly [field: string]: string | number | HsdsObject | readonly HsdsObject[] };

// The namespace of names that are URLs, RFC 9562 section 6.6.
const NAMESPACE = Buffer.from("6ba7b8119dad11d180b400c04fd430c8", "hex");
const CAVEATS = {
  NUMBERS_MAY_BE_PARTIAL: "Other emergency numbers may exist, and which of these is which service is not recorded.",
  SINGLE_SOURCE: "Only one source states this.",
} as const;

/**
 * Entries as HSDS 3.0 services, each with its organization, phones, schedules, languages and the rest as far as the facts
 * go. Identifiers are UUIDs made from the ids of the entries, so that the same entry keeps its own. Opening hours stand in
 * the local time that `description` names: an offset, which HSDS has a field for, would be wrong for half of the year.
 */
export function toHsds(entries: readonly DirectoryEntry[]): HsdsObject[] {
  return entries.map(toService);
}

function toService(entry: DirectoryEntry): HsdsObject {
  const { channels } = entry;
  const id = uuid(entry.id);
  const web = channels.filter(({ kind }) => kind === "web");
  const emails = channels.filter(({ kind }) => kind === "email");
  return {
    id,
    name: entry.service,
    description: `Source: ${entry.source}. Verified by: ${entry.verifiedBy}. Confidence: ${entry.confidence}.`,
    status: "active",
    ...(web.length > 0 && { url: web[0].address }),
    ...(emails.length > 0 && { email: emails[0].address }),
    ...(entry.moreLanguages && { interpretation_services: "Other languages too, which the source does not name." }),
    ...(entry.cost === "free" && { fees_description: "Free of charge." }),
    ...(entry.cost === "paid" && { fees_description: "Costs money; how much is not recorded." }),
    ...(entry.ages && { minimum_age: entry.ages.from, maximum_age: entry.ages.to }),
    ...(entry.verifiedOn !== null && { assured_date: entry.verifiedOn }),
    ...(entry.caveats.length > 0 && { alert: entry.caveats.map((caveat) => CAVEATS[caveat]).join(" ") }),
    organization: toOrganization(entry),
    phones: channels.filter(isPhone).map((channel) => toPhone(channel, entry)),
    schedules: channels.flatMap((channel) => toSchedules(channel, entry)),
    service_areas: [toArea(entry)],
    service_at_locations: web.map(({ address }) => ({
      id: uuid(entry.id, "service-at-location", address),
      location: { id: uuid(entry.id, "location", address), location_type: "virtual", url: address },
    })),
    languages: entry.languages.map((tag) => ({
      id: uuid(entry.id, "language", tag),
      code: tag.split("-")[0],
      note: tag,
    })),
    cost_options: entry.cost === "free" ? [{ id: uuid(entry.id, "cost"), amount: 0 }] : [],
    contacts: emails.slice(1).map(({ address }) => ({ id: uuid(entry.id, "contact", address), email: address })),
    attributes: [
      ...entry.kinds.map((kind) => toAttribute(entry.id, "kind", kind)),
      ...entry.topics.map((topic) => toAttribute(entry.id, "topic", topic)),
    ],
  };
}

function toOrganization({ country, operator, service }: DirectoryEntry): HsdsObject {
  return {
    id: uuid("organization", country, operator ?? service),
    name: operator ?? service,
    description:
      operator === undefined ? "The name of the service: the source names no operator." : `Operates ${service}.`,
  };
}

function isPhone({ kind }: ReferralChannel): boolean {
  return kind === "call" || kind === "text" || kind === "chat";
}

/** The number exactly as published, also where it is a word to text to a short code. */
function toPhone({ kind, address }: ReferralChannel, { id }: DirectoryEntry): HsdsObject {
  return {
    id: uuid(id, "phone", kind, address),
    number: address,
    // The types are those of RFC 6350, which knows no messengers.
    type: kind === "call" ? "voice" : "text",
    ...(kind === "chat" && { description: "A messenger." }),
  };
}

function toSchedules(channel: ReferralChannel, { closedOn, closedOnHolidays, id }: DirectoryEntry): HsdsObject[] {
  const { kind, address, hours, hoursText, timeZone } = channel;
  if (hours === undefined && hoursText === undefined) return [];
  const holidays = [
    ...(closedOnHolidays ? ["Closed on public holidays."] : []),
    ...(closedOn ? [`Closed on ${closedOn.join(", ")}.`] : []),
  ].join(" ");
  const place = timeZone === undefined ? "Local time." : `Local time in ${timeZone}.`;
  return spansOf(hours).map((span, index) => ({
    id: uuid(id, "schedule", kind, address, String(index)),
    ...span,
    description: [`For ${kind} ${address}.`, ...(hoursText === undefined ? [] : [`${hoursText}.`]), place].join(" "),
    ...(holidays !== "" && { notes: holidays }),
  }));
}

function spansOf(hours: OpeningHours | undefined): HsdsObject[] {
  if (hours === undefined) return [{}];
  if ("always" in hours) return [toSpan(DAYS, "00:00", "24:00")];
  return hours.weekly.map(({ days, from, to }) => toSpan(days, from, to));
}

// A time of day ends before 24:00 in HSDS; where the end is not after the beginning it lies on the following day.
function toSpan(days: readonly string[], from: string, to: string): HsdsObject {
  return { freq: "WEEKLY", byday: days.join(","), opens_at: from, closes_at: to === "24:00" ? "00:00" : to };
}

function toArea({ id, country, region }: DirectoryEntry): HsdsObject {
  const area = country === WORLD ? "World" : country;
  return {
    id: uuid(id, "area"),
    name: region === undefined ? area : `${region}, ${area}`,
    extent: area,
    extent_type: "text",
  };
}

function toAttribute(entryId: string, taxonomy: "kind" | "topic", name: string): HsdsObject {
  const term = uuid("taxonomy", taxonomy, name);
  return {
    id: uuid(entryId, taxonomy, name),
    link_id: uuid(entryId),
    link_type: taxonomy,
    link_entity: "service",
    taxonomy_term_id: term,
    taxonomy_term: {
      id: term,
      code: name,
      name: name.replaceAll("_", " "),
      description:
        taxonomy === "kind" ? "Kind of service in Earshot's directory." : "Harm that the service helps with.",
      taxonomy: `earshot-${taxonomy}`,
    },
  };
}

/** A UUID of a name, version 5 of RFC 9562. */
function uuid(...parts: readonly string[]): string {
  const bytes = createHash("sha1")
    .update(NAMESPACE)
    .update(`earshot:${parts.join("/")}`)
    .digest();
  bytes[6] = (bytes[6] & 0x0f) | 0x50;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = bytes.toString("hex", 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
