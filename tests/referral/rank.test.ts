import { describe, expect, it } from "vitest";
import { type Person, rank } from "../../src/referral/rank.js";
import { DAYS, type DirectoryEntry } from "../../src/referral/schema.js";
import { entryOf } from "./arbitraries.js";

const NOW = new Date("2026-11-21T12:00:00Z");
const CLOSED_CHAT: Partial<DirectoryEntry> = {
  channels: [
    {
      kind: "chat",
      address: "https://a.example",
      timeZone: "Africa/Nairobi",
      hours: { weekly: [{ days: ["MO"], from: "07:00", to: "09:00" }] },
    },
  ],
};
const PERSON: Person = { isChild: false, topics: ["suicide"], languages: [] };

describe("rank", () => {
  const other = { channels: [{ kind: "call", address: "2", hours: { always: true } }] } as const;
  it.each<[string, Partial<DirectoryEntry>, Partial<DirectoryEntry>, Partial<Person>]>([
    ["the language", { languages: ["en", "sw"] }, { languages: [] }, { languages: ["sw-KE"] }],
    ["an unknown language over a wrong one", { languages: [] }, { languages: ["fr"] }, { languages: ["sw"] }],
    [
      "perhaps an interpreter over none",
      { languages: ["fr"], moreLanguages: true },
      { languages: ["fr"] },
      { languages: ["sw"] },
    ],
    ["the whole country over a region", {}, { region: "Nairobi" }, {}],
    ["high confidence", { confidence: "medium" }, { confidence: "low" }, {}],
    ["the fresher statement", { verifiedOn: "2026-01-01" }, { verifiedOn: "2025-01-01" }, {}],
    ["a dated statement", { verifiedOn: "2022-01-01" }, { verifiedOn: null }, {}],
    ["an age that fits", { ages: { from: 0, to: 34 } }, { ages: { from: 0, to: 10 } }, { age: 20 }],
    ["an age that fits a child of unknown age", {}, { ages: { from: 18, to: 99 } }, { isChild: true }],
    ["a line that is open over one that may be", {}, { channels: [{ kind: "call", address: "2" }] }, {}],
    ["the person's region over any", { region: "Mombasa" }, {}, { region: "mombasa" }],
    ["any region over another one", { region: "Nairobi" }, { region: "Kisumu" }, { region: "Nairobi" }],
    ["the whole country over another region", { confidence: "low" }, { region: "Kisumu" }, { region: "Nairobi" }],
    [
      "the wanted channel",
      { channels: [{ kind: "chat", address: "https://b.example", hours: { always: true } }] },
      {},
      { channels: ["chat", "text"] },
    ],
    ["an open line of another channel over a closed one of the wanted", {}, CLOSED_CHAT, { channels: ["chat"] }],
    ["what is known to be free", { cost: "free" }, { cost: "unknown" }, { free: true }],
    ["what may be free over what costs money", { cost: "unknown" }, { cost: "paid" }, { free: true }],
    [
      "the cost of the channel over that of the service",
      { cost: "paid", channels: [{ kind: "call", address: "1", cost: "free", hours: { always: true } }] },
      { cost: "unknown" },
      { free: true },
    ],
    ["where one may stay anonymous", { anonymous: true }, { anonymous: null }, { anonymous: true }],
    ["where one may perhaps stay anonymous", { anonymous: null }, { anonymous: false }, { anonymous: true }],
    ["what is not full", {}, {}, { full: new Map([["a-worse", "FULL_NOW"]]) }],
    ["the harm over what costs nothing", { topics: ["suicide"], cost: "paid" }, { cost: "free" }, { free: true }],
    [
      "a line that may be open over one that is not",
      { channels: [{ kind: "call", address: "1" }] },
      {
        channels: [
          {
            kind: "call",
            address: "2",
            timeZone: "Africa/Nairobi",
            hours: { weekly: [{ days: DAYS, from: "07:00", to: "09:00" }] },
          },
        ],
      },
      {},
    ],
  ])("prefers %s", (_name, better, worse, person) => {
    // The ids would order them the other way round.
    const entries = [entryOf({ id: "a-worse", ...other, ...worse }), entryOf({ id: "b-better", ...better })];
    const ranked = rank(entries, { ...PERSON, ...person }, NOW);
    expect(ranked.map(({ entry }) => entry.id)).toEqual(["b-better", "a-worse"]);
  });

  it.each<[string, Partial<DirectoryEntry>, Partial<Person>, string[]]>([
    ["a child", {}, { isChild: true }, ["CHILD_SERVICE_FOR_AGE", "GENERAL_SERVICE", "COUNTRY_MATCH", "OPEN_NOW"]],
    ["an adult", {}, { age: 40 }, ["AGE_OUTSIDE_SERVICE", "GENERAL_SERVICE", "COUNTRY_MATCH", "OPEN_NOW"]],
    [
      "an adult, by a service for women too",
      { kinds: ["child_helpline", "domestic_violence"] },
      { age: 40 },
      ["GENERAL_SERVICE", "COUNTRY_MATCH", "OPEN_NOW"],
    ],
    ["the harm", { topics: ["suicide"] }, {}, ["TOPIC_MATCH", "COUNTRY_MATCH", "OPEN_NOW"]],
    ["another harm", { topics: ["self_harm"] }, {}, ["LISTENS_TO_DISTRESS", "COUNTRY_MATCH", "OPEN_NOW"]],
    [
      "reports",
      { kinds: ["csam_report_hotline"] },
      {},
      ["GENERAL_SERVICE", "REPORTS_CONTENT", "COUNTRY_MATCH", "OPEN_NOW"],
    ],
    ["a region", { region: "Nairobi" }, {}, ["GENERAL_SERVICE", "COUNTRY_MATCH", "REGION_ONLY", "OPEN_NOW"]],
    ["the world", { country: "001" }, {}, ["GENERAL_SERVICE", "INTERNATIONAL_FINDER", "OPEN_NOW"]],
    [
      "a language",
      { languages: ["no"] },
      { languages: ["nb"] },
      ["GENERAL_SERVICE", "COUNTRY_MATCH", "LANGUAGE_MATCH", "OPEN_NOW"],
    ],
    [
      "what was asked for and is unknown",
      { region: "Nairobi" },
      { region: "Kisumu", channels: ["chat"], free: true, anonymous: true },
      [
        "GENERAL_SERVICE",
        "COUNTRY_MATCH",
        "OTHER_REGION",
        "CHANNEL_MISSING",
        "COST_UNKNOWN",
        "ANONYMITY_UNKNOWN",
        "OPEN_NOW",
      ],
    ],
    [
      "what was asked for and is there",
      { cost: "free", anonymous: true, region: "Nairobi" },
      { region: "Nairobi", channels: ["call"], free: true, anonymous: true },
      ["GENERAL_SERVICE", "COUNTRY_MATCH", "REGION_MATCH", "CHANNEL_MATCH", "FREE", "ANONYMOUS", "OPEN_NOW"],
    ],
    [
      "what was asked for and is not there",
      { cost: "paid", anonymous: false },
      { free: true, anonymous: true },
      ["GENERAL_SERVICE", "COUNTRY_MATCH", "COSTS_MONEY", "NOT_ANONYMOUS", "OPEN_NOW"],
    ],
    [
      "holidays that nobody dated",
      { closedOnHolidays: true },
      {},
      ["GENERAL_SERVICE", "COUNTRY_MATCH", "OPEN_NOW", "CLOSES_ON_HOLIDAYS"],
    ],
    [
      "holidays with their dates",
      {
        closedOnHolidays: true,
        closedOn: ["2026-11-21"],
        channels: [{ kind: "call", address: "1", timeZone: "Africa/Nairobi", hours: { always: true } }],
      },
      {},
      ["GENERAL_SERVICE", "COUNTRY_MATCH", "CLOSED_NOW"],
    ],
    [
      "a full line",
      {},
      { full: new Map([["line", "DAILY_CAP_REACHED"]]) },
      ["GENERAL_SERVICE", "COUNTRY_MATCH", "OPEN_NOW", "DAILY_CAP_REACHED"],
    ],
    [
      "an emergency service, which is never full",
      { kinds: ["emergency"] },
      { full: new Map([["line", "FULL_NOW"]]) },
      ["COUNTRY_MATCH", "OPEN_NOW"],
    ],
  ])("gives its reasons for %s", (_name, fields, person, why) => {
    expect(rank([entryOf({ id: "line", ...fields })], { ...PERSON, ...person }, NOW)[0].why).toEqual(why);
  });

  it("judges opening by the wanted channel, which it puts first", () => {
    const both = entryOf({
      id: "line",
      channels: [{ kind: "call", address: "1", hours: { always: true } }, ...(CLOSED_CHAT.channels ?? [])],
    });
    const [{ channels, why }] = rank([both], { ...PERSON, channels: ["chat"] }, NOW);
    expect(channels.map(({ kind }) => kind)).toEqual(["chat", "call"]);
    expect(why).toContain("CLOSED_NOW");
    expect(rank([both], PERSON, NOW)[0].why).toContain("OPEN_NOW");
  });

  it("decides between equals by id, whatever their order", () => {
    const equals = ["a", "b", "c"].map((id) => entryOf({ id }));
    for (const entries of [equals, equals.toReversed(), [equals[1], equals[2], equals[0]]]) {
      expect(rank(entries, PERSON, NOW).map(({ entry }) => entry.id)).toEqual(["a", "b", "c"]);
    }
  });
});
