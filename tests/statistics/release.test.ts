import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkPlan } from "../../src/statistics/plan.js";
import { createRelease, tableName } from "../../src/statistics/release.js";
import { anyPlan } from "./support.js";

const plan = checkPlan({
  epsilon: 0.5,
  contributions: 2,
  categories: 2,
  tables: [["level"], ["category", "level"]],
  minimum: 3,
});
const zeros = plan.tables.map(({ cells }) => new Float64Array(cells.length));

describe("createRelease", () => {
  it("states its parameters, and what each table costs", () => {
    const { tables, ...release } = createRelease(plan, zeros, () => 0n);
    expect(release).toMatchObject({
      schemaVersion: 1,
      mechanism: "discrete Laplace",
      epsilon: 0.5,
      contributions: 2,
      categories: 2,
      sensitivity: 6,
      minimum: 3,
    });
    expect(tables.map(({ epsilon }) => epsilon).reduce((sum, epsilon) => sum + epsilon)).toBeCloseTo(0.5, 12);
    expect(tables[1].epsilon).toBeCloseTo(2 * tables[0].epsilon, 12);
    for (const { halfWidth95 } of tables) expect(halfWidth95).toBe(plan.halfWidth95);
    expect(release.notes.join(" ")).toMatch(/do not add up.*negative one counts as 0.*half width.*exp\(epsilon\)/s);
  });

  it.each([
    [3, 0n, 3],
    [3, -1n, null],
    [0, 3n, 3],
    [2, 0n, null],
    [10, -20n, null],
    [100, -7n, 93],
  ])("publishes %d with noise %s as %s", (exact, noise, count) => {
    const [levels, others] = zeros.map((cells) => Float64Array.from(cells));
    levels[0] = exact;
    const release = createRelease(plan, [levels, others], () => noise);
    expect(release.tables[0].cells[0]).toEqual({ values: ["immediate"], count });
  });

  it("cuts at 0 when nothing is hidden", () => {
    const open = { ...plan, minimum: 0 };
    const counts = createRelease(open, zeros, () => -5n).tables.flatMap(({ cells }) => cells.map(({ count }) => count));
    expect(new Set(counts)).toEqual(new Set([0]));
  });

  it("draws noise of its own for every cell", () => {
    let draws = 0n;
    const release = createRelease(plan, zeros, () => 100n + draws++);
    const counts = release.tables.flatMap(({ cells }) => cells.map(({ count }) => count));
    expect(counts).toEqual(counts.map((_, index) => 100 + index));
  });

  it("depends on nothing but the counts with their noise", () => {
    const shift = fc.integer({ min: 0, max: 20 });
    const noise = fc.integer({ min: -40, max: 40 });
    fc.assert(
      fc.property(anyPlan, shift, noise, (options, extra, drawn) => {
        const checked = checkPlan(options);
        const filled = (count: number): Float64Array[] =>
          checked.tables.map(({ cells }) => new Float64Array(cells.length).fill(count));
        expect(createRelease(checked, filled(extra), () => BigInt(drawn - extra))).toEqual(
          createRelease(checked, filled(0), () => BigInt(drawn)),
        );
      }),
    );
  });
});

describe("tableName", () => {
  it("joins dimensions", () => {
    expect([tableName([]), tableName(["level"]), tableName(["age", "hour"])]).toEqual(["total", "level", "age+hour"]);
  });
});
