import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { URGENCIES, type Urgency } from "../../src/labels.js";
import {
  arrange,
  chooseNext,
  type Place,
  placeOf,
  type WaitingAssumptions,
  waitingBound,
} from "../../src/queue/order.js";
import { completeRules } from "../../src/queue/rules.js";

const MINUTE = 60_000;
const rules = completeRules(
  { immediate: 1, urgent: 1, soon: 1, routine: 1 },
  {
    headStartMinutes: { immediate: 4, urgent: 10, soon: 10, routine: 10 },
    ageAfterMinutes: { urgent: 30, soon: 60, routine: 120 },
    anyoneAfterMinutes: { immediate: 2, urgent: 20, soon: 30, routine: 60 },
    agedEvery: 3,
  },
);

/** A place whose wait began so many minutes after the beginning, at the bottom of its level's band unless said otherwise. */
function place(id: string, level: Urgency, sinceMinutes: number, share = 0, language?: string): Place {
  const priority = (3 - URGENCIES.indexOf(level) + share) / 4;
  const since = sinceMinutes * MINUTE;
  return placeOf(
    {
      ticket: { id, level, priority, categories: [], since, ...(language !== undefined && { language }) },
      sequence: Number.parseInt(id, 36),
      openedMs: since,
    },
    rules,
  );
}

describe("chooseNext", () => {
  const next = (places: readonly Place[], atMinutes: number, isAgedTurn = false, languages?: string[]) =>
    chooseNext(places, languages === undefined ? {} : { languages }, atMinutes * MINUTE, isAgedTurn).next?.ticket.id;

  it.each<[string, readonly Place[], number, string]>([
    ["the gravest", [place("a", "soon", 0), place("b", "immediate", 5), place("c", "urgent", 1)], 10, "b"],
    ["who came first", [place("b", "soon", 2), place("a", "soon", 1)], 10, "a"],
    ["who was added first, of two who came at once", [place("b", "soon", 1), place("a", "soon", 1)], 10, "a"],
    ["a higher priority before an earlier beginning", [place("a", "urgent", 0), place("b", "urgent", 5, 1)], 10, "b"],
    [
      "an earlier beginning by more than the head start",
      [place("a", "urgent", 0), place("b", "urgent", 11, 1)],
      12,
      "a",
    ],
    [
      "the gravest although others are aged, out of turn",
      [place("a", "routine", 0), place("b", "urgent", 499)],
      500,
      "b",
    ],
  ])("takes %s", (_, places, atMinutes, expected) => {
    expect(next(places, atMinutes)).toBe(expected);
    expect(next(places.toReversed(), atMinutes)).toBe(expected);
  });

  it.each<[string, readonly Place[], number, string]>([
    ["who became aged first", [place("a", "urgent", 499), place("b", "routine", 0), place("c", "soon", 59)], 500, "c"],
    ["the gravest when nobody is aged", [place("a", "routine", 0), place("b", "urgent", 5)], 10, "b"],
    ["an immediate one before an aged one", [place("a", "routine", 0), place("b", "immediate", 499)], 500, "b"],
  ])("takes in an aged turn %s", (_, places, atMinutes, expected) => {
    expect(next(places, atMinutes, true)).toBe(expected);
    expect(next(places.toReversed(), atMinutes, true)).toBe(expected);
  });

  it("passes over who does not fit until all may take them", () => {
    const places = [place("a", "immediate", 0, 0, "sw"), place("b", "routine", 0, 0, "en")];
    expect(next(places, 1, false, ["en"])).toBe("b");
    expect(next(places, 1, false, ["en", "sw"])).toBe("a");
    expect(next(places, 2, false, ["en"])).toBe("a");
    expect(next([places[0]], 1, false, ["en"])).toBeUndefined();
  });

  it("starts the time until all may take a ticket anew when it came back from somebody whom it did not fit", () => {
    const { ticket, sequence } = place("a", "immediate", 0, 0, "sw");
    const returned = placeOf({ ticket, sequence, openedMs: 10 * MINUTE }, rules);
    expect(next([returned], 11, false, ["en"])).toBeUndefined();
    expect(next([returned], 11, false, ["sw"])).toBe("a");
    expect(next([returned], 12, false, ["en"])).toBe("a");
  });

  it.each<[Urgency, number, number]>([
    ["immediate", 0.1, 0],
    ["immediate", 0.875, 2],
    ["routine", 0.99, 10],
  ])("gives %s with priority %d a head start of %d minutes, also outside the band", (level, priority, minutes) => {
    const ticket = { id: "a", level, priority, categories: [], since: 0 };
    expect(placeOf({ ticket, sequence: 0, openedMs: 0 }, rules).startMs).toBeCloseTo(-minutes * MINUTE, 6);
  });
});

describe("arrange", () => {
  const order = (places: readonly Place[], atMinutes: number, untilAged: number) =>
    arrange(places, atMinutes * MINUTE, rules.agedEvery, untilAged).map(({ ticket }) => ticket.id);

  it("lets one in three turns go to who has waited too long", () => {
    const fresh = ["a", "b", "c", "d"].map((id) => place(id, "urgent", 499));
    const aged = [place("x", "routine", 1), place("y", "routine", 0)];
    expect(order([...fresh, ...aged], 500, 2)).toEqual(["a", "b", "y", "c", "d", "x"]);
    expect(order([...fresh, ...aged], 500, 0)).toEqual(["y", "a", "b", "x", "c", "d"]);
    expect(order([...fresh, place("i", "immediate", 500), ...aged], 500, 0)[0]).toBe("i");
  });

  it("is the order of claims at one moment", () => {
    const somebody = fc.record({
      level: fc.constantFrom(...URGENCIES),
      since: fc.nat({ max: 200 }),
      share: fc.constantFrom(0, 0.5, 1),
    });
    fc.assert(
      fc.property(fc.array(somebody, { maxLength: 30 }), fc.nat({ max: 2 }), (people, first) => {
        const places = people.map(({ level, since, share }, index) => place(index.toString(36), level, since, share));
        const left = new Set(places);
        const claimed: Place[] = [];
        for (let untilAged = first; left.size > 0; ) {
          const { next, byAge } = chooseNext(left, {}, 200 * MINUTE, untilAged === 0);
          if (next === undefined) break;
          left.delete(next);
          claimed.push(next);
          if (byAge) untilAged = rules.agedEvery - 1;
          else if (next.rank > 0) untilAged = Math.max(untilAged - 1, 0);
        }
        expect(arrange(places, 200 * MINUTE, rules.agedEvery, first)).toEqual(claimed);
      }),
    );
  });
});

describe("waitingBound", () => {
  const assumptions: WaitingAssumptions = {
    claimsPerMinute: 1,
    claimShortfall: 1,
    immediatePerMinute: 0.5,
    immediateExcess: 2,
    immediateWaiting: 3,
    agedEarlier: 10,
  };

  it.each<[Urgency, number]>([
    // 2 + (3 + 2 + 1) / 0.5
    ["immediate", 14],
    // 30 + (3 + 2 + 1 + 3 * 10 + 2) / 0.5
    ["urgent", 106],
    ["soon", 136],
    ["routine", 196],
  ])("for %s is %d minutes", (level, expected) => {
    expect(waitingBound(level, rules, assumptions)).toBe(expected);
  });

  it("is infinite when immediate tickets take all claims", () => {
    expect(waitingBound("urgent", rules, { ...assumptions, immediatePerMinute: 1 })).toBe(Number.POSITIVE_INFINITY);
  });
});
