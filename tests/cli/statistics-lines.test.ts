import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { countLines, createHourOf } from "../../src/cli/statistics-lines.js";
import type { StatisticsRecord } from "../../src/statistics/index.js";

const folder = mkdtempSync(join(tmpdir(), "earshot-statistics-lines-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** An assessment as far as it is read, among fields that are not. */
const ASSESSMENT = {
  schemaVersion: 1,
  id: "m1",
  urgency: "urgent",
  categories: ["suicide", "bullying"],
  signals: ["intent"],
  language: { tag: "en", text: "not the text of a message" },
};
const line = (more: object): string => JSON.stringify({ ...ASSESSMENT, person: "p1", ...more });

function read(
  lines: readonly string[],
  timeZone?: string,
): { records: StatisticsRecord[]; rejected: [number, string][] } {
  const path = join(folder, "lines.jsonl");
  writeFileSync(path, lines.map((text) => `${text}\n`).join(""));
  const records: StatisticsRecord[] = [];
  const rejected: [number, string][] = [];
  countLines(
    path,
    createHourOf(timeZone),
    (record) => records.push(record),
    (number, error) => rejected.push([number, error]),
  );
  return { records, rejected };
}

describe("countLines", () => {
  it("reads what is counted", () => {
    const { records, rejected } = read([
      line({ age: 14, country: "ke", at: "2026-03-01T22:15:00+03:00" }),
      line({ person: 12, age: null, country: null, at: null, categories: [] }),
    ]);
    expect(rejected).toEqual([]);
    expect(records).toEqual([
      {
        person: Buffer.from("p1"),
        urgency: "urgent",
        categories: ["suicide", "bullying"],
        age: 14,
        country: "KE",
        hour: 22,
      },
      { person: Buffer.from("12"), urgency: "urgent", categories: [] },
    ]);
  });

  it.each([
    ["a text", line({ text: "hello" }), "TEXT_PRESENT"],
    ["a text that is empty", line({ text: "" }), "TEXT_PRESENT"],
    ["a text that is null", line({ text: null }), "TEXT_PRESENT"],
    ["a text whose name is escaped", line({}).replace("{", '{"te\\u0078t":"hello",'), "TEXT_PRESENT"],
    ["a text and a bad field", line({ age: "x", text: "hello" }), "TEXT_PRESENT"],
    ["nobody", JSON.stringify(ASSESSMENT), "PERSON_MISSING"],
    ["a person that is null", line({ person: null }), "PERSON_MISSING"],
    ["an empty person", line({ person: "" }), "FIELD_INVALID"],
    ["half a person", line({ person: 1.5 }), "FIELD_INVALID"],
    ["a person that is a list", line({ person: [1] }), "FIELD_INVALID"],
    ["a person that is too long", line({ person: "p".repeat(257) }), "FIELD_INVALID"],
    ["an age that is text", line({ age: "14" }), "FIELD_INVALID"],
    ["a country that is a number", line({ country: 1 }), "FIELD_INVALID"],
    ["a time that is none", line({ at: "yesterday" }), "FIELD_INVALID"],
    ["a time that is a number", line({ at: 1 }), "FIELD_INVALID"],
    ["a day that does not exist", line({ at: "2026-13-41T10:00:00Z" }), "FIELD_INVALID"],
    ["a field twice", line({}).replace("{", '{"person":"p2",'), "FIELD_DUPLICATE"],
    ["a field twice, once null", line({ age: null }).replace("{", '{"age":14,'), "FIELD_DUPLICATE"],
    ["a line that score rejected", '{"line":3,"error":"TEXT_EMPTY"}', "LABELS_MISSING"],
    ["no level", JSON.stringify({ categories: [], person: 1 }), "LABELS_MISSING"],
    ["no categories", JSON.stringify({ urgency: "soon", person: 1 }), "LABELS_MISSING"],
    ["an unknown level", line({ urgency: "grave" }), "LABEL_INVALID"],
    ["an unknown category", line({ categories: ["weather"] }), "LABEL_INVALID"],
    ["no JSON", "hello", "LINE_NOT_JSON"],
    ["something behind it", `${line({})} hello`, "LINE_NOT_JSON"],
    ["a line that is too long", line({ id: "x".repeat(9_000_000) }), "LINE_TOO_LONG"],
  ])("names the line of %s, and goes on", (_, bad, error) => {
    const { records, rejected } = read([line({}), bad, line({})]);
    expect(rejected).toEqual([[2, error]]);
    expect(records).toHaveLength(2);
  });

  it("says what the count refuses", () => {
    const path = join(folder, "refused.jsonl");
    writeFileSync(path, `${line({})}\n`);
    const failure = (): never => {
      throw new RangeError("not of this package");
    };
    expect(() => countLines(path, createHourOf(undefined), failure, failure)).toThrow(RangeError);
  });

  it("says that there is no such file", () => {
    const count = (): void => {};
    expect(() => countLines(join(folder, "none"), createHourOf(undefined), count, count)).toThrow(
      expect.objectContaining({ code: "FILE_NOT_READABLE" }),
    );
  });
});

describe("createHourOf", () => {
  it.each([
    ["2026-03-01T22:15:00+03:00", undefined, 22],
    ["2026-03-01T22:15", undefined, 22],
    ["2026-03-01T00:00:00.123456Z", undefined, 0],
    ["2026-03-01T22:15:00Z", "Africa/Nairobi", 1],
    ["2026-03-01T21:15:00Z", "Africa/Nairobi", 0],
    ["2026-07-01T22:15:00Z", "Europe/London", 23],
    ["2026-03-01T22:15:00+03:00", "Asia/Kolkata", 0],
    ["2026-03-01T22:15:00", "Africa/Nairobi", undefined],
    ["22:15", undefined, undefined],
    ["2026-03-01", undefined, undefined],
    ["2026-03-01T25:00:00Z", undefined, undefined],
  ])("%s in %s is %s", (at, timeZone, hour) => {
    expect(createHourOf(timeZone)(at)).toBe(hour);
  });

  it("refuses an unknown time zone", () => {
    expect(() => createHourOf("Earth/Moon")).toThrow(expect.objectContaining({ code: "STATISTICS_INVALID" }));
  });
});
