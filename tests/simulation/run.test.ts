import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../../src/evaluation/random.js";
import { URGENCIES, type Urgency } from "../../src/labels.js";
import { drawExponential } from "../../src/simulation/draws.js";
import { estimate } from "../../src/simulation/figures.js";
import { ORDERS, type Order, openOrder } from "../../src/simulation/orders.js";
import { runOrder } from "../../src/simulation/run.js";
import type { Shift, Visit } from "../../src/simulation/scenario.js";

const always = (places: number): Shift[] => [{ fromHour: 0, toHour: 24, count: places, chatsEach: 1 }];
const visit = (atMinutes: number, handlingMinutes: number, level: Urgency = "soon"): Visit => ({
  atMinutes,
  handlingMinutes,
  level,
  givenLevel: level,
});
const serve = (
  visits: readonly Visit[],
  shifts: readonly Shift[],
  startMinute = 0,
  order: Order = openOrder("first-come", {}),
) => [...runOrder(visits, shifts, startMinute, order)];

describe("runOrder", () => {
  it.each<[string, Visit[], Shift[], number, number[]]>([
    ["one after the other", [visit(0, 10), visit(1, 10), visit(30, 5)], always(1), 0, [0, 9, 0]],
    ["two at once", [visit(0, 10), visit(1, 10), visit(2, 5)], always(2), 0, [0, 0, 8]],
    [
      "chats of one counsellor at once",
      [visit(0, 10), visit(1, 10)],
      [{ fromHour: 0, toHour: 24, count: 1, chatsEach: 2 }],
      0,
      [0, 0],
    ],
    ["nobody before the run starts", [visit(-30, 10), visit(-10, 10)], always(1), 0, [30, 20]],
    ["who comes at the moment somebody is free", [visit(0, 10), visit(10, 1)], always(1), 0, [0, 0]],
    ["nobody before the shift", [visit(0, 10)], [{ fromHour: 9.5, toHour: 17, count: 1, chatsEach: 1 }], 9 * 60, [30]],
    [
      "over midnight",
      [visit(0, 10), visit(70, 10)],
      [{ fromHour: 23, toHour: 1, count: 1, chatsEach: 1 }],
      23 * 60,
      [0, 0],
    ],
    [
      "the next day, when the shift has ended",
      [visit(0, 10)],
      [{ fromHour: 9, toHour: 17, count: 1, chatsEach: 1 }],
      17 * 60,
      [16 * 60],
    ],
    [
      "to the end what has begun before the shift ended, which keeps the place",
      [visit(50, 30), visit(55, 10), visit(61, 10)],
      [
        { fromHour: 0, toHour: 1, count: 2, chatsEach: 1 },
        { fromHour: 1, toHour: 24, count: 1, chatsEach: 1 },
      ],
      0,
      [0, 0, 19],
    ],
  ])("serves %s", (_, visits, shifts, startMinute, expected) => {
    const waits = serve(visits, shifts, startMinute);
    for (const [index, wait] of expected.entries()) expect(waits[index]).toBeCloseTo(wait, 9);
  });

  const people = fc
    .array(
      fc.record({
        gap: fc.constantFrom(0, 0.5, 3, 20),
        handling: fc.constantFrom(1, 7, 30),
        level: fc.constantFrom(...URGENCIES),
      }),
      { minLength: 1, maxLength: 60 },
    )
    .map((all) => {
      let at = 0;
      return all.map(({ gap, handling, level }) => {
        at += gap;
        return visit(at, handling, level);
      });
    });

  it.each(ORDERS)("%s: never has more conversations than places, nor a free place while somebody waits", (name) => {
    fc.assert(
      fc.property(people, fc.integer({ min: 1, max: 4 }), (visits, places) => {
        const begins = serve(visits, always(places), 0, openOrder(name, {})).map(
          (wait, index) => visits[index].atMinutes + wait,
        );
        for (const moment of [...begins, ...visits.map(({ atMinutes }) => atMinutes)]) {
          const held = visits.filter(
            ({ handlingMinutes }, index) => begins[index] <= moment && moment < begins[index] + handlingMinutes,
          ).length;
          const waiting = visits.filter(({ atMinutes }, index) => atMinutes <= moment && moment < begins[index]).length;
          expect(held).toBeLessThanOrEqual(places);
          if (waiting > 0) expect(held).toBe(places);
        }
      }),
    );
  });

  it("conserves the sum of all waits, whatever the order, when all conversations take the same time", () => {
    fc.assert(
      fc.property(people, fc.integer({ min: 1, max: 4 }), (visits, places) => {
        const equal = visits.map((one) => ({ ...one, handlingMinutes: 10 }));
        const sums = ORDERS.map((name) =>
          serve(equal, always(places), 0, openOrder(name, {})).reduce((sum, wait) => sum + wait, 0),
        );
        for (const sum of sums) expect(sum).toBeCloseTo(sums[0], 6);
      }),
    );
  });
});

/** Mean wait in minutes when people come at random moments and conversations are exponential (Erlang 1917). */
function erlangWait(perMinute: number, meanMinutes: number, places: number): number {
  const load = perMinute * meanMinutes;
  let term = 1;
  let sum = 1;
  for (let busy = 1; busy < places; busy += 1) {
    term *= load / busy;
    sum += term;
  }
  const last = ((term * load) / places) * (places / (places - load));
  return ((last / (sum + last)) * meanMinutes) / (places - load);
}

describe("against the formula of Erlang", () => {
  it("has the formula right: one place, and the values of tables", () => {
    // One place: load / (1 - load) of a conversation. Two places at load 1: each third person waits, half a conversation.
    expect(erlangWait(0.08, 10, 1)).toBeCloseTo(40, 9);
    expect(erlangWait(0.1, 10, 2)).toBeCloseTo(10 / 3, 9);
  });

  it.each([
    [1, 0.7],
    [4, 0.85],
    [10, 0.9],
  ])("%d places at a load of %d", (places, load) => {
    const perMinute = (load * places) / 10;
    const means = Array.from({ length: 25 }, (_, run) => {
      const random = createRandom(1000 * places + run);
      let at = 0;
      const visits = Array.from({ length: 20_000 }, () => {
        at += drawExponential(1 / perMinute, random);
        return visit(at, drawExponential(10, random));
      });
      const counted = serve(visits, always(places)).slice(2000);
      return counted.reduce((sum, wait) => sum + wait, 0) / counted.length;
    });
    const { value, low, high } = estimate(means);
    const expected = erlangWait(perMinute, 10, places);
    expect(low).toBeLessThan(expected);
    expect(high).toBeGreaterThan(expected);
    // Else the interval would be so wide that it holds anything.
    expect(high - low).toBeLessThan(0.2 * value);
  });
});
