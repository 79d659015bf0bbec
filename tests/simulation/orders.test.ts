import { describe, expect, it } from "vitest";
import type { Urgency } from "../../src/labels.js";
import { type OrderName, openOrder } from "../../src/simulation/orders.js";

const arrivals: ReadonlyArray<readonly [Urgency, number]> = [
  ["routine", 0],
  ["soon", 1],
  ["immediate", 99],
  ["soon", 2],
  ["urgent", 98],
];
// Aged at 100: the routine one, but not the others.
const policy = { respondWithinMinutes: { immediate: 10, urgent: 200, soon: 200, routine: 200 } };

describe("openOrder", () => {
  it.each<[OrderName, number[]]>([
    ["first-come", [0, 1, 2, 3, 4]],
    ["strict", [2, 4, 1, 3, 0]],
    ["earshot", [2, 4, 0, 1, 3]],
  ])("%s", (name, expected) => {
    const order = openOrder(name, { policy, rules: { agedEvery: 2 } });
    for (const [index, [level, at]] of arrivals.entries()) order.add(index, level, at);
    expect(arrivals.map(() => order.next(100))).toEqual(expected);
  });

  it.each<OrderName>(["first-come", "strict", "earshot"])("%s: has nobody to give when nobody waits", (name) => {
    const order = openOrder(name, {});
    order.add(0, "soon", 0);
    order.next(0);
    expect(() => order.next(0)).toThrow(RangeError);
  });
});
