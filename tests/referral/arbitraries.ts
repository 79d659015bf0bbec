import * as fc from "fast-check";
import { CATEGORIES, SIGNALS, URGENCIES } from "../../src/labels.js";
import type { ReferralRequest } from "../../src/referral/request.js";
import {
  CHANNEL_KINDS,
  CONFIDENCES,
  COSTS,
  DAYS,
  type DirectoryEntry,
  type OpeningHours,
  REFERRAL_KINDS,
  type ReferralDirectory,
  WORLD,
} from "../../src/referral/schema.js";

const COUNTRIES = ["KE", "GB", "DE"] as const;

/** Time zones with a half-hour offset, with summer time on either hemisphere, and without. */
export const ZONES = ["Africa/Nairobi", "Europe/Copenhagen", "Asia/Kolkata", "America/Santiago"] as const;

/** An entry with sensible defaults. */
export function entryOf(fields: Partial<DirectoryEntry> & { id: string }): DirectoryEntry {
  return {
    country: "KE",
    service: "Service",
    kinds: ["child_helpline"],
    topics: [],
    channels: [{ kind: "call", address: `1${fields.id.length}${fields.id.charCodeAt(0)}`, hours: { always: true } }],
    languages: [],
    moreLanguages: false,
    cost: "unknown",
    anonymous: null,
    verifiedOn: "2026-06-01",
    verifiedBy: "test",
    source: "test",
    confidence: "high",
    caveats: [],
    ...fields,
  };
}

/** A directory of the given entries. */
export function directoryOf(entries: readonly DirectoryEntry[]): ReferralDirectory {
  return { name: "test", version: "1", generated: "2026-11-21", note: "For tests.", entries };
}

const clockTime: fc.Arbitrary<string> = fc
  .integer({ min: 0, max: 1439 })
  .map((minute) => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`);

/** Weekly hours, overnight ones and ones that end at 24:00 included. */
export const weeklyHours: fc.Arbitrary<Extract<OpeningHours, { weekly: unknown }>> = fc
  .array(
    fc.record({
      days: fc.uniqueArray(fc.constantFrom(...DAYS), { minLength: 1 }),
      from: clockTime,
      to: fc.oneof({ arbitrary: clockTime, weight: 4 }, { arbitrary: fc.constant("24:00"), weight: 1 }),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((weekly) => ({ weekly }));

const entry = fc
  .record({
    country: fc.constantFrom(...COUNTRIES),
    kinds: fc.uniqueArray(fc.constantFrom(...REFERRAL_KINDS), { minLength: 1, maxLength: 2 }),
    topics: fc.uniqueArray(fc.constantFrom(...CATEGORIES), { maxLength: 3 }),
    languages: fc.uniqueArray(fc.constantFrom("en", "sw", "de"), { maxLength: 2 }),
    moreLanguages: fc.boolean(),
    confidence: fc.constantFrom(...CONFIDENCES),
    verifiedOn: fc.constantFrom("2022-01-01", "2026-06-02", null),
    address: fc.integer({ min: 100, max: 130 }).map(String),
    hours: fc.oneof(weeklyHours, fc.constant({ always: true } as const), fc.constant(undefined)),
    timeZone: fc.option(fc.constantFrom(...ZONES), { nil: undefined }),
    kind: fc.constantFrom("call", "text", "chat"),
    cost: fc.constantFrom(...COSTS),
    anonymous: fc.constantFrom(true, false, null),
    region: fc.option(fc.constantFrom("Nairobi", "Kisumu"), { nil: undefined }),
    closedOn: fc.option(fc.constant(["2026-04-05", "2026-10-25"]), { nil: undefined }),
  })
  .map(({ address, closedOn, hours, kind, region, timeZone, ...fields }) => ({
    ...fields,
    ...(closedOn && { closedOn }),
    ...(region && { region }),
    channels: [{ kind, address, ...(hours && { hours }), ...(timeZone && { timeZone }) }],
  }));

/** Directories with distinct ids, some numbers used twice, and one international finder. */
export const directories: fc.Arbitrary<ReferralDirectory> = fc.array(entry, { maxLength: 12 }).map((entries) =>
  directoryOf([
    ...entries.map((fields, index) => entryOf({ id: `entry-${index}`, ...fields })),
    entryOf({
      id: "finder",
      country: WORLD,
      kinds: ["international_finder"],
      channels: [{ kind: "web", address: "https://finder.example" }],
    }),
  ]),
);

/** Requests from covered countries, from others and from nowhere. */
export const requests: fc.Arbitrary<ReferralRequest> = fc.record(
  {
    urgency: fc.constantFrom(...URGENCIES),
    categories: fc.uniqueArray(fc.constantFrom(...CATEGORIES), { maxLength: 3 }),
    signals: fc.uniqueArray(fc.constantFrom(...SIGNALS), { maxLength: 4 }),
    country: fc.constantFrom(...COUNTRIES, "uk", "ZZ", "", "001", "Kenya"),
    age: fc.integer({ min: 0, max: 120 }),
    languages: fc.uniqueArray(fc.constantFrom("en-GB", "sw", "nb"), { maxLength: 2 }),
    limit: fc.integer({ min: 0, max: 6 }),
    region: fc.constantFrom("Nairobi", "kisumu"),
    channels: fc.uniqueArray(fc.constantFrom(...CHANNEL_KINDS), { maxLength: 2 }),
    free: fc.boolean(),
    anonymous: fc.boolean(),
    capacity: fc.array(
      fc.record(
        {
          id: fc.integer({ min: 0, max: 11 }).map((index) => `entry-${index}`),
          fullUntil: fc
            .date({ noInvalidDate: true, min: new Date("2026-01-01"), max: new Date("2026-12-31") })
            .map(Number),
          dailyCap: fc.integer({ min: 0, max: 3 }),
          referredToday: fc.integer({ min: 0, max: 3 }),
        },
        { requiredKeys: ["id"] },
      ),
      { maxLength: 4 },
    ),
  },
  { requiredKeys: ["urgency", "categories", "signals"] },
);

/** Instants around the changes to and from summer time as well as any other. */
export const instants: fc.Arbitrary<Date> = fc.date({
  min: new Date("2026-03-01T00:00:00Z"),
  max: new Date("2026-11-30T00:00:00Z"),
  noInvalidDate: true,
});
