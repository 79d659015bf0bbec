import { describe, expect, it } from "vitest";
import { mergeDirectory } from "../../src/referral/merge.js";
import { resolveReferrals } from "../../src/referral/resolve.js";
import type { OwnDirectory } from "../../src/referral/schema.js";
import { validateDirectory } from "../../src/referral/validate.js";
import { directoryOf, entryOf } from "./arbitraries.js";

const BUNDLED = directoryOf(["one", "two", "three"].map((id) => entryOf({ id, service: "bundled", cost: "free" })));

describe("mergeDirectory", () => {
  it.each<[string, Partial<OwnDirectory>, string[]]>([
    ["nothing", {}, ["bundled one", "bundled two", "bundled three"]],
    [
      "an entry of its own",
      { entries: [entryOf({ id: "four", service: "own" })] },
      ["bundled one", "bundled two", "bundled three", "own four"],
    ],
    [
      "an entry in place of a bundled one",
      { entries: [entryOf({ id: "two", service: "own" })] },
      ["bundled one", "bundled three", "own two"],
    ],
    ["ids to leave out", { leaveOut: ["one", "none"] }, ["bundled two", "bundled three"]],
    [
      "an own entry whose id is left out",
      { leaveOut: ["one"], entries: [entryOf({ id: "one", service: "own" })] },
      ["bundled two", "bundled three", "own one"],
    ],
    ["all left out", { leaveOut: "all", entries: [entryOf({ id: "one", service: "own" })] }, ["own one"]],
  ])("lays over the bundled entries %s", (_name, own, expected) => {
    const { entries } = mergeDirectory({ ...directoryOf([]), ...own }, BUNDLED);
    expect(entries.map(({ service, id }) => `${service} ${id}`)).toEqual(expected);
  });

  it("mixes no fields", () => {
    const own = directoryOf([entryOf({ id: "two", service: "own" })]);
    expect(mergeDirectory(own, BUNDLED).entries.find(({ id }) => id === "two")).toEqual(own.entries[0]);
  });

  it("names both versions, unless nothing bundled is left", () => {
    const own = { ...directoryOf([]), name: "mine", version: "3" };
    expect(mergeDirectory(own, BUNDLED)).toMatchObject({ name: "mine", version: "3+1" });
    expect(mergeDirectory({ ...own, leaveOut: "all" }, BUNDLED)).toMatchObject({ name: "mine", version: "3" });
  });

  it("gives a directory that is valid and is resolved like any other", () => {
    const own = { ...directoryOf([entryOf({ id: "ke-own", languages: ["sw"] })]), leaveOut: ["ke-childline-kenya"] };
    const merged = mergeDirectory(own);
    expect(validateDirectory(merged)).toEqual(merged);
    const request = {
      country: "KE",
      urgency: "soon",
      categories: ["neglect"],
      signals: [],
      languages: ["sw"],
    } as const;
    const { referrals } = resolveReferrals(request, merged, new Date("2026-11-21T12:00:00Z"));
    expect(referrals.map(({ id }) => id)).toEqual(["ke-own", "ke-befrienders-kenya"]);
  });
});
