import { describe, expect, it, vi } from "vitest";
import { createBudget } from "../../src/statistics/budget.js";
import type { StatisticsRecord } from "../../src/statistics/domain.js";
import type { Release } from "../../src/statistics/release.js";
import { createStatistics, type StatisticsOptions } from "../../src/statistics/statistics.js";

/** So little noise that 1000 records are told from none: it is beyond 300 once in 10^100 draws. */
const LOUD: StatisticsOptions = { epsilon: 10, contributions: 1, tables: [["level"], []], minimum: 0 };
const RECORD: StatisticsRecord = { person: 0, urgency: "urgent", categories: [] };

const countOf = (release: Release, table: number, cell: number): number =>
  release.tables[table].cells[cell].count ?? -1;

function fill(statistics: { count(record: StatisticsRecord): void }, people: number): void {
  for (let person = 0; person < people; person += 1) statistics.count({ ...RECORD, person });
}

describe("createStatistics", () => {
  it("counts people in every table", () => {
    const statistics = createStatistics(LOUD);
    fill(statistics, 1000);
    const release = statistics.release();
    for (const [table, cell, expected] of [
      [0, 0, 0],
      [0, 1, 1000],
      [0, 2, 0],
      [1, 0, 1000],
    ])
      expect(Math.abs(countOf(release, table, cell) - expected)).toBeLessThan(300);
  });

  it("counts one person only so often, in all tables together", () => {
    const statistics = createStatistics({ ...LOUD, contributions: 2 });
    for (let times = 0; times < 1000; times += 1) statistics.count(RECORD);
    const release = statistics.release();
    expect(countOf(release, 0, 1)).toBeLessThan(300);
    expect(countOf(release, 1, 0)).toBeLessThan(300);
  });

  it("gives other noise each time", () => {
    const releases = [0, 1].map(() =>
      createStatistics({ epsilon: 0.01, contributions: 3, tables: [["hour"]], minimum: 0 }).release(),
    );
    expect(releases[0]).not.toEqual(releases[1]);
  });

  it("forgets records and people after a release", () => {
    const statistics = createStatistics({ ...LOUD, budget: createBudget(30) });
    fill(statistics, 1000);
    statistics.release();
    expect(countOf(statistics.release(), 1, 0)).toBeLessThan(300);
    fill(statistics, 1000);
    expect(countOf(statistics.release(), 1, 0)).toBeGreaterThan(700);
  });

  it("pays for one release unless it is given a budget", () => {
    const statistics = createStatistics(LOUD);
    statistics.release();
    expect(() => statistics.release()).toThrow(expect.objectContaining({ code: "BUDGET_SPENT" }));
  });

  it("shares a budget with others, and keeps its records when it is refused", () => {
    const budget = createBudget(15);
    const [first, second] = [createStatistics({ ...LOUD, budget }), createStatistics({ ...LOUD, epsilon: 5, budget })];
    fill(second, 1000);
    first.release();
    expect(() => first.release()).toThrow(expect.objectContaining({ code: "BUDGET_SPENT" }));
    expect(countOf(second.release(), 1, 0)).toBeGreaterThan(700);
    expect(budget.left()).toBe(0);
  });

  it("pays before it draws", () => {
    const spend = vi.fn(() => {
      throw new Error("refused");
    });
    const statistics = createStatistics({ ...LOUD, budget: { spend } });
    expect(() => statistics.release()).toThrow("refused");
    expect(spend).toHaveBeenCalledExactlyOnceWith(10);
  });

  it("counts nothing of a record that it refuses", () => {
    const statistics = createStatistics(LOUD);
    for (let times = 0; times < 1000; times += 1) {
      expect(() => statistics.count({ ...RECORD, person: times, hour: 99 })).toThrow();
      expect(() => statistics.count({ ...RECORD, person: Number.NaN })).toThrow();
    }
    expect(countOf(statistics.release(), 1, 0)).toBeLessThan(300);
  });
});
