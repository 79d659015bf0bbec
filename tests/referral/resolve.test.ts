import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BUNDLED_DIRECTORY } from "../../src/referral/bundled.js";
import { openState } from "../../src/referral/hours.js";
import type { ReferralRequest } from "../../src/referral/request.js";
import { resolveReferrals } from "../../src/referral/resolve.js";
import type { DirectoryEntry } from "../../src/referral/schema.js";
import { directories, directoryOf, entryOf, instants, requests } from "./arbitraries.js";

const NOW = new Date("2026-11-21T12:00:00Z");
const BASE: ReferralRequest = { country: "KE", urgency: "soon", categories: ["suicide"], signals: [] };

const emergency = entryOf({ id: "emergency", kinds: ["emergency"], channels: [{ kind: "call", address: "112" }] });
const child = entryOf({ id: "child", channels: [{ kind: "call", address: "116", hours: { always: true } }] });
const crisis = entryOf({
  id: "crisis",
  kinds: ["suicide_crisis"],
  topics: ["suicide", "self_harm", "mental_health"],
  channels: [{ kind: "call", address: "0722 178 177" }],
});
const violence = entryOf({
  id: "violence",
  kinds: ["domestic_violence"],
  topics: ["family_violence"],
  channels: [{ kind: "call", address: "1195" }],
});
const images = entryOf({
  id: "images",
  kinds: ["csam_report_hotline"],
  topics: ["online_sexual_exploitation"],
  channels: [{ kind: "web", address: "https://images.example" }],
});
const finder = entryOf({
  id: "finder",
  country: "001",
  kinds: ["international_finder"],
  channels: [{ kind: "web", address: "https://finder.example" }],
});
const ALL = [emergency, child, crisis, violence, images, finder];

function idsFor(request: Partial<ReferralRequest>, entries: readonly DirectoryEntry[] = ALL): string {
  const { referrals, notice } = resolveReferrals({ ...BASE, ...request }, directoryOf(entries), NOW);
  return [...referrals.map(({ id }) => id), ...(notice ? [notice] : [])].join(" ");
}

describe("resolveReferrals", () => {
  it.each<[string, Partial<ReferralRequest>, string]>([
    ["the specialised service before the general one", {}, "crisis child"],
    ["emergency first when somebody may die", { urgency: "immediate" }, "emergency crisis child"],
    ["emergency last when it may come to that", { urgency: "urgent" }, "crisis child emergency"],
    ["emergency keeps its place in a short list", { urgency: "urgent", limit: 2 }, "crisis emergency"],
    ["one place goes to a helper unless somebody may die", { urgency: "urgent", limit: 1 }, "crisis"],
    ["one place goes to emergency if somebody may", { urgency: "immediate", limit: 1 }, "emergency"],
    ["a child's service first for a child by age", { age: 14 }, "child crisis"],
    ["a child's service first for a child by the message", { signals: ["young"] }, "child crisis"],
    ["also when an adult writes for the child", { signals: ["young", "third_party"], age: 41 }, "child crisis"],
    ["a child's service last for an adult", { age: 18, categories: ["family_violence"] }, "violence crisis child"],
    ["a crisis line listens where nothing fits better", { categories: ["bullying"] }, "child crisis"],
    ["report forms after people", { categories: ["online_sexual_exploitation"] }, "child images crisis"],
    ["whoever listens when no harm is named", { categories: [] }, "crisis child"],
    ["nothing for a harmless message", { urgency: "routine", categories: [] }, "NOT_NEEDED"],
    ["something for an everyday worry", { urgency: "routine" }, "crisis child"],
    ["the finder for an unknown country", { country: "Kenya" }, "finder COUNTRY_UNKNOWN"],
    ["the finder for a country without entries", { country: "SO" }, "finder COUNTRY_NOT_COVERED"],
    ["lower case", { country: "ke" }, "crisis child"],
    ["nothing when nothing is wanted", { limit: 0 }, ""],
  ])("offers %s", (_name, request, expected) => {
    expect(idsFor(request)).toBe(expected);
  });

  it.each<[string, Partial<ReferralRequest>, readonly DirectoryEntry[], string]>([
    ["no emergency number", { urgency: "immediate" }, [child, finder], "child NO_EMERGENCY_NUMBER"],
    ["nobody for the harm", { categories: ["bullying"] }, [violence, finder], "finder NO_SERVICE_FOR_TOPIC"],
    ["only a crisis line for the harm", { categories: ["bullying"] }, [crisis, finder], "crisis NO_SERVICE_FOR_TOPIC"],
    ["no country and no finder", { country: "" }, ALL.slice(0, 5), "COUNTRY_UNKNOWN"],
    ["a finder with a number", { country: "" }, [{ ...finder, channels: child.channels }], "COUNTRY_UNKNOWN"],
  ])("says so: %s", (_name, request, entries, expected) => {
    expect(idsFor(request, entries)).toBe(expected);
  });

  it("takes UK for GB", () => {
    expect(idsFor({ country: "UK" }, [entryOf({ id: "line", country: "GB" })])).toBe("line");
  });

  it("puts a closed children's line below an open line for everybody, and still shows it", () => {
    const closed = entryOf({
      id: "child",
      channels: [
        {
          kind: "call",
          address: "116",
          timeZone: "Africa/Nairobi",
          hours: { weekly: [{ days: ["MO"], from: "08:00", to: "20:00" }] },
        },
      ],
    });
    expect(idsFor({ age: 12 }, [closed, crisis])).toBe("crisis child");
  });

  it("offers one number once", () => {
    const women = { ...violence, channels: child.channels };
    expect(idsFor({ categories: ["family_violence"], age: 12 }, [child, women])).toBe("child");
    expect(idsFor({ categories: ["family_violence"], age: 30 }, [child, women])).toBe("violence");
  });

  it.each([
    ["2026-06-01", 365, false],
    ["2025-11-22", 365, false],
    ["2025-11-20", 365, true],
    ["2026-06-01", 30, true],
    [null, 36_500, true],
  ])("verified on %s with a limit of %d days: stale %s", (verifiedOn, staleAfterDays, stale) => {
    const directory = directoryOf([entryOf({ id: "line", verifiedOn })]);
    expect(resolveReferrals({ ...BASE, staleAfterDays }, directory, NOW).referrals[0].stale).toBe(stale);
  });

  it("says why", () => {
    const { referrals } = resolveReferrals(
      { country: "KE", urgency: "immediate", categories: ["suicide"], signals: ["now"], age: 14, languages: ["en"] },
      BUNDLED_DIRECTORY,
      NOW,
    );
    expect(referrals.map(({ id, why }) => [id, ...why])).toEqual([
      ["ke-emergency-services", "EMERGENCY_FIRST", "COUNTRY_MATCH", "OPEN_NOW"],
      ["ke-childline-kenya", "CHILD_SERVICE_FOR_AGE", "GENERAL_SERVICE", "COUNTRY_MATCH", "LANGUAGE_MATCH", "OPEN_NOW"],
      ["ke-befrienders-kenya", "TOPIC_MATCH", "COUNTRY_MATCH", "HOURS_UNKNOWN"],
    ]);
  });

  it("does not depend on the order of the entries", () => {
    const permuted = directories.chain((directory) =>
      fc.tuple(
        fc.constant(directory),
        fc.shuffledSubarray([...directory.entries], { minLength: directory.entries.length }).map(directoryOf),
      ),
    );
    fc.assert(
      fc.property(permuted, requests, instants, ([directory, shuffled], request, now) => {
        expect(resolveReferrals(request, shuffled, now)).toEqual(resolveReferrals(request, directory, now));
      }),
    );
  });

  it("keeps its promises for any directory, request and instant", () => {
    fc.assert(
      fc.property(directories, requests, instants, (directory, request, now) => {
        const { referrals, notice } = resolveReferrals(request, directory, now);
        const limit = request.limit ?? 3;
        expect(referrals.length).toBeLessThanOrEqual(limit);
        if (referrals.length === 0 && limit > 0) expect(notice).toBeDefined();

        const place = referrals.findIndex(({ kinds }) => kinds.includes("emergency"));
        if (request.urgency === "soon" || request.urgency === "routine") expect(place).toBe(-1);
        if (request.urgency === "immediate" && place >= 0) expect(place).toBe(0);
        if (request.urgency === "urgent" && place >= 0) expect(place).toBe(referrals.length - 1);

        const country = request.country?.toUpperCase().replace("UK", "GB");
        for (const { country: served, channels, closedOn, id, kinds, why } of referrals) {
          if (served === country && served !== "001") expect(why).toContain("COUNTRY_MATCH");
          else expect(channels.map(({ kind }) => kind)).toEqual(["web"]);
          const hints = (request.capacity ?? []).filter((hint) => hint.id === id && !kinds.includes("emergency"));
          const isFull = hints.some(
            ({ dailyCap, fullUntil, referredToday }) =>
              (fullUntil ?? 0) > now.getTime() || (referredToday ?? 0) >= (dailyCap ?? Number.POSITIVE_INFINITY),
          );
          expect(why.includes("FULL_NOW") || why.includes("DAILY_CAP_REACHED")).toBe(isFull);
          expect(why.includes("CLOSED_NOW")).toBe(
            openState(wantedOf(channels, request.channels), now, closedOn) === "closed",
          );
        }
        const numbers = referrals.map(({ channels }) => channels[0].address);
        expect(new Set(numbers).size).toBe(numbers.length);
      }),
      { numRuns: 400 },
    );
  });

  it("leaves nobody out for a preference, a region or a hint", () => {
    fc.assert(
      fc.property(directories, requests, instants, (directory, request, now) => {
        const { urgency, categories, signals, country } = request;
        const plain = { urgency, categories, signals, ...(country !== undefined && { country }) };
        const unlimited = { limit: Number.POSITIVE_INFINITY };
        const addresses = (one: ReferralRequest): string[] =>
          resolveReferrals(one, directory, now).referrals.map(({ channels }) => channels[0].address);
        // Entries of the test directories have one channel, so that the same addresses are the same services.
        const wanted = addresses({ ...request, ...unlimited });
        const expected = addresses({ ...plain, ...unlimited });
        // Where one emergency entry is enough, which one it is depends on the preferences.
        if (urgency !== "urgent") expect(wanted.sort()).toEqual(expected.sort());
        else expect(wanted.length).toBeGreaterThanOrEqual(expected.length - 1);
      }),
    );
  });

  it.each<[string, Partial<ReferralRequest>, string]>([
    ["a full line behind a free one", { capacity: [{ id: "crisis", fullUntil: NOW.getTime() + 1 }] }, "child crisis"],
    ["a line that is free again", { capacity: [{ id: "crisis", fullUntil: NOW.getTime() }] }, "crisis child"],
    ["a line at its daily cap", { capacity: [{ id: "crisis", dailyCap: 5, referredToday: 5 }] }, "child crisis"],
    ["a line below its cap", { capacity: [{ id: "crisis", dailyCap: 5, referredToday: 4 }] }, "crisis child"],
    ["a line with a cap and no count", { capacity: [{ id: "crisis", dailyCap: 1 }] }, "crisis child"],
    ["a line that takes nobody", { capacity: [{ id: "crisis", dailyCap: 0 }] }, "child crisis"],
    [
      "all lines when all are full",
      { capacity: ["child", "crisis"].map((id) => ({ id, dailyCap: 0 })) },
      "crisis child",
    ],
    [
      "emergency first, whatever is wanted",
      { urgency: "immediate", channels: ["chat"], capacity: [{ id: "emergency", dailyCap: 0 }] },
      "emergency crisis child",
    ],
    ["an adult's line for an adult", { categories: ["family_violence"], age: 41 }, "violence crisis child"],
    [
      "and not when the adult writes for somebody of unknown age",
      { categories: ["neglect"], age: 41, signals: ["third_party"] },
      "child crisis",
    ],
    ["a child's line for a child that writes for a friend", { age: 12, signals: ["third_party"] }, "child crisis"],
  ])("offers %s", (_name, request, expected) => {
    expect(idsFor(request)).toBe(expected);
  });

  it("offers a line for everybody before a line of another region", () => {
    const near = entryOf({ id: "near", region: "Bogotá", channels: [{ kind: "call", address: "1" }] });
    const far = entryOf({ id: "far", region: "Cali", channels: [{ kind: "call", address: "2" }] });
    const all = entryOf({ id: "all", channels: [{ kind: "call", address: "3" }] });
    expect(idsFor({ region: "bogota" }, [far, near, all])).toBe("near all far");
    expect(idsFor({}, [far, near, all])).toBe("all far near");
  });

  it("has an answer for every covered country", () => {
    for (const country of new Set(BUNDLED_DIRECTORY.entries.map((entry) => entry.country))) {
      if (country === "001" || country === "CD") continue;
      const { referrals } = resolveReferrals({ ...BASE, country, urgency: "immediate" }, BUNDLED_DIRECTORY, NOW);
      expect(referrals[0].why[0]).toBe("EMERGENCY_FIRST");
      expect(referrals.length).toBeGreaterThan(1);
    }
  });

  it("shows no number for any unknown country", () => {
    fc.assert(
      fc.property(requests, fc.string({ maxLength: 3 }), (request, country) => {
        fc.pre(!/^[a-z]{2}$/i.test(country));
        const { referrals } = resolveReferrals({ ...request, country }, BUNDLED_DIRECTORY, NOW);
        const channels = referrals.flatMap((referral) => referral.channels);
        expect(channels.filter(({ kind }) => kind !== "web")).toEqual([]);
      }),
    );
  });
});

/** The channels by which a service would be reached. */
function wantedOf(channels: DirectoryEntry["channels"], kinds: ReferralRequest["channels"] = []): typeof channels {
  const wanted = channels.filter(({ kind }) => kinds.includes(kind));
  return wanted.length > 0 ? wanted : channels;
}
