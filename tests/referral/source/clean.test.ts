import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { cleanFacts, type Fact, type FactFile } from "../../../src/referral/source/clean.js";
import { formatJson } from "../../../src/referral/source/format.js";

const SOURCE = new URL("../../../src/referral/source/", import.meta.url);
const FILES = ["helplines.json", "finders.json"].map(
  (name) => JSON.parse(readFileSync(new URL(name, SOURCE), "utf8")) as FactFile,
);

// The tables name facts of the real files, so that made-up facts are cleaned beside them.
const ENTRIES = cleanFacts(FILES).directory.entries;
function clean(fact: Partial<Fact>): ReturnType<typeof cleanFacts>["directory"]["entries"][number] | undefined {
  const made: Fact = {
    country: "QZ",
    service: "Línea Ø",
    kind: "child_helpline",
    phone: "116",
    text: null,
    url: null,
    hours: null,
    languages: [],
    source: "A list",
    source_date: "2022",
    confidence: "medium",
    ...fact,
  };
  const { entries } = cleanFacts([...FILES, { generated: "", note: "", entries: [made] }]).directory;
  return entries.find(({ country }) => country === "QZ");
}

describe("cleanFacts", () => {
  it("gives the committed directory, byte for byte", () => {
    const committed = readFileSync(new URL("../directory.json", SOURCE), "utf8");
    expect(formatJson(cleanFacts(FILES).directory)).toBe(committed);
  });

  it("accounts for every fact", () => {
    const { directory, leftOut } = cleanFacts(FILES);
    expect(Object.fromEntries(leftOut)).toEqual({
      NAME_IS_PLACEHOLDER: 40,
      NO_USABLE_ADDRESS: 1,
      EMERGENCY_UNCONFIRMED: 1,
    });
    expect(directory.entries).toHaveLength(323 + 2 - 42);
  });

  it("keeps every address as published", () => {
    const published = new Set(
      FILES.flatMap(({ entries }) => entries).flatMap(({ phone, text, url }) => [
        ...(phone ?? "").split(" / "),
        text,
        url,
      ]),
    );
    const addresses = ENTRIES.flatMap(({ channels }) => channels.map(({ address }) => address));
    expect(addresses.filter((address) => !published.has(address))).toEqual([]);
  });

  it.each<[string, string[]]>([
    ["no-emergency-services", ["112", "110", "113"]],
    ["ar-emergency-services", ["911", "101"]],
    ["ae-emergency-services", ["997", "998", "999"]],
    ["de-telefonseelsorge", ["0800 111 0 111", "0800 111 0 222", "116 123", "https://www.telefonseelsorge.de/"]],
    ["my-befrienders-kl", ["03-7956 8144", "http://www.befrienders.org.my"]],
    ["lv-skalbes", ["+371 67222922", "27722292"]],
    ["us-crisis-text-line", ["HOME to 741741", "https://www.crisistextline.org/"]],
    ["id-sapa-129-child-helpline", ["129", "WhatsApp 08111-129-129"]],
  ])("%s is reached at %j", (id, addresses) => {
    expect(ENTRIES.find((entry) => entry.id === id)?.channels.map(({ address }) => address)).toEqual(addresses);
  });

  it.each<[string, Partial<Fact>, object | undefined]>([
    ["a slug of plain letters", {}, { id: "qz-linea-o", service: "Línea Ø", topics: [], caveats: ["SINGLE_SOURCE"] }],
    ["named languages", { languages: ["Tonga", "en"] }, { languages: ["toi", "en"], moreLanguages: false }],
    ["unnamed languages", { languages: ["+18", "100+ by interpreter"] }, { languages: [], moreLanguages: true }],
    ["a language that nobody stated", { languages: ["Swahili (not stated)"] }, { languages: [], moreLanguages: false }],
    ["a year at its start", {}, { verifiedOn: "2022-01-01" }],
    ["a day within the year", { source: "seen 2022-07-16" }, { verifiedOn: "2022-07-16" }],
    ["a later look at an old page", { source: "retrieved 2026-04-22" }, { verifiedOn: "2022-01-01" }],
    ["an older copy", { source: "scrape of 2021-07-16" }, { verifiedOn: "2021-07-16" }],
    ["no date", { source_date: null }, { verifiedOn: null }],
    ["two sources", { source: "A list + another" }, { caveats: [] }],
    ["an agreement of one", { kind: "emergency", source: "agreement of: one" }, undefined],
    [
      "an agreement of two",
      { kind: "emergency", source: "agreement of: one; two" },
      { caveats: ["NUMBERS_MAY_BE_PARTIAL"] },
    ],
    ["a placeholder", { service: "Member (name still to be filled)" }, undefined],
    ["no address", { phone: null }, undefined],
    [
      "hours of the line, not of texts and pages",
      { hours: "24/7", text: "50101", url: "https://a.example" },
      {
        channels: [
          { kind: "call", address: "116", hours: { always: true } },
          { kind: "text", address: "50101" },
          { kind: "web", address: "https://a.example" },
        ],
      },
    ],
    ["hours in words", { hours: "11-23" }, { channels: [{ kind: "call", address: "116", hoursText: "11-23" }] }],
  ])("handles %s", (_name, fact, expected) => {
    const entry = clean(fact);
    if (expected === undefined) expect(entry).toBeUndefined();
    else expect(entry).toMatchObject(expected);
  });

  it("knows the time zone only of countries that have one", () => {
    const zones = ENTRIES.flatMap(({ country, channels }) => channels.map(({ timeZone }) => [country, timeZone]));
    expect(zones).toContainEqual(["DK", "Europe/Copenhagen"]);
    expect(zones.filter(([country, zone]) => ["BR", "CL", "NZ"].includes(country ?? "") && zone !== undefined)).toEqual(
      [],
    );
  });

  it.each<[string, Partial<Fact>, string]>([
    ["language", { languages: ["Klingon"] }, "Unknown language"],
    ["kind", { kind: "weather" }, "Unknown kind"],
    ["period", { source_date: "lately" }, "Unknown period"],
  ])("stops at an unknown %s", (_name, fact, message) => {
    expect(() => clean(fact)).toThrow(message);
  });

  it("stops at a table line that fits no fact", () => {
    expect(() => cleanFacts([{ ...FILES[0], entries: [] }])).toThrow("Names without a fact");
  });
});
