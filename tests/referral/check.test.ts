import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BUNDLED_DIRECTORY } from "../../src/referral/bundled.js";
import { checkDirectory, parseOwnDirectory } from "../../src/referral/check.js";
import type { OwnDirectory } from "../../src/referral/schema.js";
import { directoryOf, entryOf } from "./arbitraries.js";

const NOW = new Date("2026-11-21T12:00:00Z");
const CANARY = "zyxcanary";
const fixture = (name: string): string =>
  readFileSync(new URL(`../../fixtures/directory/${name}`, import.meta.url), "utf8");
const write = (own: Partial<OwnDirectory>): string => JSON.stringify({ ...directoryOf([]), ...own }, null, 1);

describe("checkDirectory", () => {
  it("counts what an operator's file changes", () => {
    const { problems, warnings, ...counts } = checkDirectory(fixture("own.json"), NOW);
    expect(problems).toEqual([]);
    expect(warnings).toEqual([{ line: 54, code: "STALE", id: "gb-childline" }]);
    expect(counts).toMatchObject({ added: 1, replaced: 1, leftOut: 1, bundled: BUNDLED_DIRECTORY.entries.length - 2 });
    expect(counts.bundledStale).toBeLessThan(counts.bundled);
  });

  it("names the line and the field of every problem that the fixture's README lists", () => {
    const rows = [...fixture("README.md").matchAll(/^\| (\d+) \| `?([^|`]*)`? \|/gm)];
    const { problems } = checkDirectory(fixture("broken.json"), NOW);
    expect(problems.map(({ line, field }) => [line, field])).toEqual(
      rows.map(([, line, field]) => [Number(line), field.trim()]),
    );
    expect(problems.length).toBeGreaterThan(8);
  });

  it.each([
    ["a text", CANARY],
    ["a message", `{"id":1,"text":"${CANARY}","${CANARY}":[{"${CANARY}":1}]}`],
    ["a language that is none", write({ messages: { [CANARY]: {} } })],
    ["values of any kind", write({ name: ` ${CANARY}`, leaveOut: [`${CANARY} `], entries: [CANARY as never] })],
  ])("quotes nothing of %s", (_name, text) => {
    const found = checkDirectory(text, NOW);
    expect(found.problems.length).toBeGreaterThan(0);
    expect(JSON.stringify(found)).not.toContain(CANARY);
  });

  it("takes nothing from a file with a repeated field", () => {
    const text = write({}).replace('"note"', '"note": "first",\n "note"');
    expect(checkDirectory(text, NOW).problems).toEqual([
      { line: 6, field: "", problem: "The object has this field already." },
    ]);
  });

  it.each<[string, Partial<OwnDirectory>, string[]]>([
    ["a date to come", { entries: [entryOf({ id: "a", verifiedOn: "2026-11-22" })] }, ["VERIFIED_IN_FUTURE a"]],
    ["no date", { entries: [entryOf({ id: "a", verifiedOn: null })] }, ["STALE a"]],
    ["today", { entries: [entryOf({ id: "a", verifiedOn: "2026-11-21" })] }, []],
    ["holidays without days", { entries: [entryOf({ id: "a", closedOnHolidays: true })] }, ["CLOSES_ON_HOLIDAYS a"]],
    [
      "hours that say nothing",
      {
        entries: [
          entryOf({
            id: "a",
            channels: [
              { kind: "call", address: "11", hours: { weekly: [{ days: ["MO"], from: "08:00", to: "09:00" }] } },
              { kind: "text", address: "12", hoursText: "mornings" },
            ],
          }),
        ],
      },
      ["HOURS_WITHOUT_TIME_ZONE a", "HOURS_NOT_READ a"],
    ],
    ["an id that is not bundled", { leaveOut: ["zz-none"] }, ["LEFT_OUT_UNKNOWN zz-none"]],
    ["emergency left out", { leaveOut: ["ke-emergency-services"] }, ["EMERGENCY_REMOVED ke-emergency-services"]],
    [
      "emergency replaced by something else",
      { entries: [entryOf({ id: "ke-emergency-services" })] },
      ["EMERGENCY_REMOVED ke-emergency-services"],
    ],
    [
      "emergency replaced by emergency",
      { leaveOut: ["ke-emergency-services"], entries: [entryOf({ id: "mine", kinds: ["emergency"] })] },
      [],
    ],
    ["everything left out", { leaveOut: "all" }, []],
  ])("warns of %s", (_name, own, expected) => {
    const { problems, warnings } = checkDirectory(write(own), NOW);
    expect(problems).toEqual([]);
    expect(warnings.map(({ code, id }) => `${code} ${id}`)).toEqual(expected);
  });

  it("counts days as it is told to", () => {
    const text = write({ entries: [entryOf({ id: "a", verifiedOn: "2026-11-01" })] });
    expect(checkDirectory(text, NOW, 10).warnings).toHaveLength(1);
    expect(checkDirectory(text, NOW, 30).warnings).toEqual([]);
  });

  it("leaves nothing of the bundled directory when told so", () => {
    expect(checkDirectory(write({ leaveOut: "all" }), NOW)).toMatchObject({
      leftOut: BUNDLED_DIRECTORY.entries.length,
      bundled: 0,
      bundledStale: 0,
    });
  });
});

describe("parseOwnDirectory", () => {
  it("gives the file", () => {
    expect(parseOwnDirectory(fixture("own.json"))).toEqual(JSON.parse(fixture("own.json")));
  });

  it("throws the number of problems and the line of the first", () => {
    let thrown: unknown;
    try {
      parseOwnDirectory(fixture("broken.json"));
    } catch (error) {
      thrown = error;
    }
    const { problems } = checkDirectory(fixture("broken.json"), NOW);
    expect(thrown).toMatchObject({
      code: "DIRECTORY_INVALID",
      details: { problems: problems.length, line: problems[0].line },
    });
  });
});
