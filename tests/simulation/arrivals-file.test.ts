import { describe, expect, it } from "vitest";
import { readArrivals } from "../../src/simulation/arrivals-file.js";

const line = (more: object): string => JSON.stringify({ at: "2026-03-01T22:15:00", level: "soon", ...more });

describe("readArrivals", () => {
  it.each<[string, string, number[]]>([
    ["minutes since the midnight before the first", line({}), [22 * 60 + 15]],
    ["any order", `${line({ at: "2026-03-02T00:10" })}\n${line({})}\n`, [1335, 1450]],
    ["the clock of the zone", line({ at: "2026-03-01T22:15:00+03:00" }), [1335]],
    ["universal time", line({ at: "2026-03-01T00:00:30.500Z" }), [0.5 + 1 / 120]],
    ["a leap day", line({ at: "2028-02-29T01:00" }), [60]],
    ["CR LF", `${line({})}\r\n${line({})}\r\n`, [1335, 1335]],
    ["nothing", "", []],
  ])("takes %s", (_, text, expected) => {
    const { arrivals, rejected } = readArrivals(text);
    expect(rejected).toEqual([]);
    expect(arrivals.map(({ atMinutes }) => atMinutes)).toEqual(expected.map((minutes) => expect.closeTo(minutes, 9)));
  });

  it("takes level and duration, where there is one", () => {
    expect(readArrivals(`${line({ handlingMinutes: 12.5 })}\n${line({ level: "immediate" })}`).arrivals).toEqual([
      { atMinutes: 1335, level: "soon", handlingMinutes: 12.5 },
      { atMinutes: 1335, level: "immediate" },
    ]);
  });

  it.each<[string, string, string]>([
    ["half a line", '{"at":', "LINE_NOT_JSON"],
    ["a blank line", "", "LINE_NOT_JSON"],
    ["a list", "[]", "LINE_NOT_JSON"],
    ["null", "null", "LINE_NOT_JSON"],
    ["no time", JSON.stringify({ level: "soon" }), "FIELD_INVALID"],
    ["a number as time", line({ at: 1_772_400_000_000 }), "FIELD_INVALID"],
    ["a date alone", line({ at: "2026-03-01" }), "FIELD_INVALID"],
    ["a day that is none", line({ at: "2026-02-30T10:00" }), "FIELD_INVALID"],
    ["an hour that is none", line({ at: "2026-03-01T25:00" }), "FIELD_INVALID"],
    ["another zone than before", line({ at: "2026-03-01T22:15:00Z" }), "FIELD_INVALID"],
    ["an unknown level", line({ level: "high" }), "FIELD_INVALID"],
    ["no level", JSON.stringify({ at: "2026-03-01T22:15:00" }), "FIELD_INVALID"],
    ["no duration", line({ handlingMinutes: 0 }), "FIELD_INVALID"],
    ["a duration in letters", line({ handlingMinutes: "10" }), "FIELD_INVALID"],
    ["a duration without end", line({ handlingMinutes: 1e9 }), "FIELD_INVALID"],
    ["a text", line({ text: "hello" }), "FIELD_INVALID"],
  ])("names the line with %s, and goes on", (_, bad, error) => {
    const { arrivals, rejected } = readArrivals(`${line({})}\n${bad}\n${line({})}\n`);
    expect(rejected).toEqual([{ line: 2, error }]);
    expect(arrivals).toHaveLength(2);
  });
});
