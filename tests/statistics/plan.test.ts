import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { halfWidth } from "../../src/statistics/discrete-laplace.js";
import { DIMENSIONS } from "../../src/statistics/domain.js";
import { checkPlan, type StatisticsPlan } from "../../src/statistics/plan.js";
import { anyPlan, anyRecordOf, probabilityFrom } from "./support.js";

const PLAN: StatisticsPlan = { epsilon: 1, contributions: 3, tables: [["level"]] };

describe("checkPlan", () => {
  it.each<[string, Partial<StatisticsPlan>, number]>([
    ["one table", {}, 3],
    ["a total", { tables: [[]] }, 3],
    ["four tables", { tables: [["level"], ["category"], ["age"], ["hour"]] }, 12],
    [
      "two categories of a record, in two of three tables",
      { categories: 2, tables: [["category"], ["level", "subcategory"], ["age"]] },
      15,
    ],
    ["both kinds of category in one table", { categories: 2, tables: [["category", "subcategory"]] }, 12],
    ["more categories than there are", { categories: 18, contributions: 1, tables: [["category"]] }, 6],
  ])("adds up how much one person changes: %s", (_, more, sensitivity) => {
    const plan = checkPlan({ ...PLAN, ...more });
    expect(plan.sensitivity).toBe(sensitivity);
    expect(plan.scale).toEqual({ numerator: BigInt(sensitivity) * 1000n, denominator: 1000n });
  });

  it("never lets a record change more cells than it says, nor one twice, and every cell is there", () => {
    fc.assert(
      fc.property(anyPlan, anyRecordOf(1), (options, record) => {
        for (const { cellsOf, cellsPerRecord, cells } of checkPlan(options).tables) {
          const changed = cellsOf(record);
          expect(new Set(changed).size).toBe(changed.length);
          expect(changed.length).toBeLessThanOrEqual(cellsPerRecord);
          for (const cell of changed) expect(cells[cell]).toBeDefined();
        }
      }),
    );
  });

  it("names each cell by the values of the records in it", () => {
    const [table] = checkPlan({ ...PLAN, tables: [["level", "age", "hour"]] }).tables;
    const [cell] = table.cellsOf({ person: 1, urgency: "soon", categories: [], age: 14, hour: 7 });
    expect(table.cells[cell]).toEqual(["soon", "13-15", "07"]);
    expect(table.cells).toHaveLength(4 * 7 * 25);
    expect(new Set(table.cells.map((values) => values.join())).size).toBe(4 * 7 * 25);
  });

  it("shows by itself only what noise alone reaches in at most 1 of 40 empty cells", () => {
    fc.assert(
      fc.property(anyPlan, ({ minimum: _, ...options }) => {
        const { minimum, scale, halfWidth95 } = checkPlan(options);
        expect(halfWidth95).toBe(halfWidth(scale, 0.95));
        expect(probabilityFrom(minimum, scale)).toBeLessThanOrEqual(0.025 + 1e-12);
      }),
    );
    expect(checkPlan({ ...PLAN, minimum: 0 }).minimum).toBe(0);
  });

  it.each<[string, Partial<StatisticsPlan>]>([
    ["epsilon 0", { epsilon: 0 }],
    ["epsilon between thousandths", { epsilon: 0.0001 }],
    ["epsilon that protects nobody", { epsilon: 11 }],
    ["no contributions", { contributions: 0 }],
    ["half a contribution", { contributions: 1.5 }],
    ["contributions without a bound", { contributions: Number.POSITIVE_INFINITY }],
    ["no categories", { categories: 0 }],
    ["a negative minimum", { minimum: -1 }],
    ["no table", { tables: [] }],
    ["an unknown dimension", { tables: [["name" as never]] }],
    ["a dimension twice", { tables: [["age", "age"]] }],
    [
      "a table twice",
      {
        tables: [
          ["age", "level"],
          ["level", "age"],
        ],
      },
    ],
    ["by country without countries", { tables: [["country"]] }],
    ["a country that is none", { countries: ["Kenya"] }],
    ["a country twice", { countries: ["KE", "KE"] }],
    ["too many cells", { tables: [[...DIMENSIONS]], countries: ["KE"] }],
  ])("refuses %s", (_, more) => {
    expect(() => checkPlan({ ...PLAN, ...more })).toThrow(expect.objectContaining({ code: "STATISTICS_INVALID" }));
  });
});
