import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BUNDLED_DIRECTORY } from "../../src/referral/bundled.js";
import { openState } from "../../src/referral/hours.js";
import { resolveReferrals } from "../../src/referral/resolve.js";
import type { DirectoryEntry, ReferralRequest } from "../../src/referral/schema.js";
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
        for (const { country: served, channels, why } of referrals) {
          if (served === country && served !== "001") expect(why).toContain("COUNTRY_MATCH");
          else expect(channels.map(({ kind }) => kind)).toEqual(["web"]);
          expect(why.includes("CLOSED_NOW")).toBe(openState(channels, now) === "closed");
        }
        const numbers = referrals.map(({ channels }) => channels[0].address);
        expect(new Set(numbers).size).toBe(numbers.length);
      }),
      { numRuns: 400 },
    );
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
