import { describe, expect, it } from "vitest";
import { renderStatisticsCsv } from "../../src/statistics/csv.js";
import { checkPlan } from "../../src/statistics/plan.js";
import { createRelease, type Release } from "../../src/statistics/release.js";

const plan = checkPlan({ epsilon: 1, contributions: 1, tables: [["level"], ["age", "level"], []], minimum: 2 });
const release = createRelease(
  plan,
  plan.tables.map(({ cells }) => cells.map((_, cell) => cell)),
  () => 0n,
);
const HEAD = "table,level,category,subcategory,age,country,hour,count,half_width_95,minimum,epsilon";

describe("renderStatisticsCsv", () => {
  it("writes a header, a row for each cell, and no comments (RFC 4180)", () => {
    const lines = renderStatisticsCsv(release).split("\r\n");
    expect(lines[0]).toBe(HEAD);
    expect(lines.at(-1)).toBe("");
    expect(lines).toHaveLength(1 + 4 + 28 + 1 + 1);
    expect(lines[1]).toBe("level,immediate,,,,,,,9,2,1");
    expect(lines[4]).toBe("level,routine,,,,,,3,9,2,1");
    expect(lines[5 + 4 * 6 + 2]).toBe("age+level,soon,,,unknown,,,26,9,2,1");
    expect(lines.at(-2)).toBe("total,,,,,,,,9,2,1");
    for (const line of lines.slice(0, -1)) expect(line.split(",")).toHaveLength(HEAD.split(",").length);
  });

  it("quotes what would end a field", () => {
    const [table] = release.tables;
    const odd: Release = { ...release, tables: [{ ...table, cells: [{ values: ['a "b", c\r\nd'], count: 5 }] }] };
    expect(renderStatisticsCsv(odd)).toBe(`${HEAD}\r\nlevel,"a ""b"", c\r\nd",,,,,,5,9,2,1\r\n`);
  });

  it("has no field that a spreadsheet would take for a formula", () => {
    const all = checkPlan({
      epsilon: 1,
      contributions: 1,
      countries: ["KE"],
      tables: [["level"], ["category"], ["subcategory"], ["age"], ["country"], ["hour"]],
    });
    const values = all.tables.flatMap(({ cells }) => cells.flat());
    for (const value of values) expect(value).not.toMatch(/^[=+@\t\r-]|["\r\n]/);
  });
});
