import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { explainReferrals } from "../../src/referral/explain.js";
import type { ReferralRequest } from "../../src/referral/request.js";
import { resolveReferrals } from "../../src/referral/resolve.js";
import { type DirectoryEntry, WORLD } from "../../src/referral/schema.js";
import { directories, directoryOf, entryOf, instants, requests } from "./arbitraries.js";

const NOW = new Date("2026-11-21T12:00:00Z");
const BASE: ReferralRequest = { country: "KE", urgency: "soon", categories: ["suicide"], signals: [] };

const call = (address: string): Pick<DirectoryEntry, "channels"> => ({ channels: [{ kind: "call", address }] });
const ALL = [
  entryOf({ id: "police", kinds: ["emergency"], ...call("999") }),
  entryOf({ id: "ambulance", kinds: ["emergency"], ...call("998") }),
  entryOf({ id: "child", ...call("116") }),
  entryOf({ id: "child-too", ...call("116") }),
  entryOf({ id: "crisis", kinds: ["suicide_crisis"], topics: ["suicide"], ...call("117") }),
  entryOf({ id: "violence", kinds: ["domestic_violence"], topics: ["family_violence"], ...call("118") }),
  entryOf({ id: "abroad", country: "GB", ...call("119") }),
  entryOf({
    id: "finder",
    country: WORLD,
    kinds: ["international_finder"],
    channels: [{ kind: "web", address: "https://finder.example" }],
  }),
  entryOf({
    id: "page",
    country: WORLD,
    kinds: ["online_safety"],
    channels: [{ kind: "web", address: "https://page.example" }],
  }),
];

describe("explainReferrals", () => {
  it.each<[string, Partial<ReferralRequest>, Record<string, string>]>([
    [
      "a level that calls for no emergency service",
      { limit: 1 },
      {
        ambulance: "EMERGENCY_NOT_NEEDED",
        child: "BEYOND_LIMIT",
        "child-too": "SAME_ADDRESS",
        finder: "FINDER_NOT_NEEDED",
        page: "NOT_A_FINDER",
        police: "EMERGENCY_NOT_NEEDED",
        violence: "TOPIC_NOT_TAKEN",
      },
    ],
    ["a level that may call for one", { urgency: "urgent", limit: 9 }, { police: "EMERGENCY_ONCE" }],
    ["a level that calls for all", { urgency: "immediate", limit: 9 }, { "child-too": "SAME_ADDRESS" }],
    ["a harmless message", { urgency: "routine", categories: [] }, { child: "NOT_NEEDED", finder: "NOT_NEEDED" }],
    ["an unknown country", { country: "" }, { page: "NOT_A_FINDER" }],
  ])("says why of %s", (_name, request, expected) => {
    const { leftOut } = explainReferrals({ ...BASE, ...request }, directoryOf(ALL), NOW);
    expect(Object.fromEntries(leftOut.map(({ entry, reason }) => [entry.id, reason]))).toMatchObject(expected);
  });

  it("chooses as resolveReferrals does, and accounts for every entry once", () => {
    fc.assert(
      fc.property(directories, requests, instants, (directory, request, now) => {
        const { leftOut, otherCountries, ...result } = explainReferrals(request, directory, now);
        expect(result).toEqual(resolveReferrals(request, directory, now));
        const ids = [...result.referrals.map(({ id }) => id), ...leftOut.map(({ entry }) => entry.id)];
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.length + otherCountries).toBe(directory.entries.length);
        expect(leftOut.map(({ entry }) => entry.id)).toEqual(leftOut.map(({ entry }) => entry.id).sort());
      }),
    );
  });
});
