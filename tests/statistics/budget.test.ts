import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createBudget, epsilonInThousandths, toThousandths } from "../../src/statistics/budget.js";

describe("createBudget", () => {
  it("pays until it is spent, and then refuses with numbers", () => {
    const budget = createBudget(0.3);
    budget.spend(0.1);
    budget.spend(0.2);
    expect(budget.left()).toBe(0);
    expect(() => budget.spend(0.001)).toThrow(
      expect.objectContaining({ code: "BUDGET_SPENT", details: { limit: 0.3, spent: 0.3, asked: 0.001 } }),
    );
  });

  it("refuses what does not fit and still pays what does", () => {
    const budget = createBudget(1, 0.4);
    expect(() => budget.spend(0.601)).toThrow(expect.objectContaining({ code: "BUDGET_SPENT" }));
    budget.spend(0.6);
    expect(budget.left()).toBe(0);
  });

  it("has nothing left when more was spent before than may be", () => {
    const budget = createBudget(1, 2);
    expect(budget.left()).toBe(0);
    expect(() => budget.spend(0.001)).toThrow(expect.objectContaining({ code: "BUDGET_SPENT" }));
  });

  it("never pays more than its limit, refuses only what does not fit, and a refusal costs nothing", () => {
    const amounts = fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 30 });
    fc.assert(
      fc.property(fc.nat({ max: 3000 }), fc.nat({ max: 500 }), amounts, (limit, before, asked) => {
        const budget = createBudget(limit / 1000, before / 1000);
        let spent = before;
        for (const amount of asked) {
          const fits = spent + amount <= limit;
          if (fits) {
            budget.spend(amount / 1000);
            spent += amount;
          } else expect(() => budget.spend(amount / 1000)).toThrow(expect.objectContaining({ code: "BUDGET_SPENT" }));
          expect(Math.round(budget.left() * 1000)).toBe(Math.max(0, limit - spent));
        }
        expect(spent).toBeLessThanOrEqual(Math.max(limit, before));
      }),
    );
  });
});

describe("amounts of epsilon", () => {
  it.each([0, -1, 0.0005, 1.0001, 10.001, Number.NaN, Number.POSITIVE_INFINITY, 1e300])("%d is no epsilon", (value) => {
    expect(() => epsilonInThousandths(value)).toThrow(expect.objectContaining({ code: "STATISTICS_INVALID" }));
  });

  it("takes every multiple of a thousandth exactly", () => {
    for (let thousandths = 0; thousandths <= 20_000; thousandths += 1)
      if (toThousandths(thousandths / 1000) !== thousandths) expect.fail(`${thousandths}`);
    expect(epsilonInThousandths(10)).toBe(10_000);
    expect(toThousandths(0)).toBe(0);
  });
});
