import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addTurn,
  createState,
  FIELD,
  NUMBERED_SPEAKERS,
  PLACES,
  placeOf,
  placeStart,
  type Speaker,
  STATE_LENGTH,
  speakerAt,
} from "../../src/conversation/state.js";
import { NO_EVIDENCE } from "./support.js";

describe("speakers", () => {
  it.each([["person"], ["counsellor"], ["other"], [0], [42], [Number.MAX_SAFE_INTEGER - 1]] as const)(
    "%s is found again",
    (speaker) => {
      const state = createState();
      addTurn(state, 5, 0, NO_EVIDENCE);
      addTurn(state, speaker, 0, NO_EVIDENCE);
      expect(speakerAt(state, placeOf(state, speaker))).toBe(speaker);
    },
  );

  it("beyond the eighth share the last place, which then is nobody's own", () => {
    const state = createState();
    for (let speaker = 0; speaker < NUMBERED_SPEAKERS; speaker += 1) addTurn(state, speaker, 0, NO_EVIDENCE);
    expect(speakerAt(state, PLACES - 1)).toBe(NUMBERED_SPEAKERS - 1);
    addTurn(state, 100, 0, NO_EVIDENCE);
    addTurn(state, 101, 0, NO_EVIDENCE);
    addTurn(state, NUMBERED_SPEAKERS - 1, 0, NO_EVIDENCE);
    expect(speakerAt(state, PLACES - 1)).toBeNull();
    expect(state[placeStart(PLACES - 1) + FIELD.turns]).toBe(4);
    expect(placeOf(state, "person")).toBe(0);
  });
});

describe("addTurn", () => {
  it("keeps the strongest turns in order, and means", () => {
    const state = createState();
    for (const value of [0.5, 2, 1, 1.5])
      addTurn(state, "person", 0, { ...NO_EVIDENCE, levels: [value, 0, 0], weight: 1 });
    expect([...state.subarray(FIELD.strongest, FIELD.strongest + 3)]).toEqual([2, 1.5, 1]);
    expect(state[FIELD.mean]).toBeCloseTo(1.25, 12);
    expect(state[FIELD.last]).toBe(1.5);
  });

  it("has the same number of finite numbers after any turns", () => {
    const speaker = fc.oneof(fc.constantFrom<Speaker>("person", "counsellor", "other"), fc.nat(20));
    fc.assert(
      fc.property(fc.array(fc.tuple(speaker, fc.nat(1e9)), { maxLength: 60 }), (turns) => {
        const state = createState();
        for (const [by, at] of turns) addTurn(state, by, at, { ...NO_EVIDENCE, levels: [1, 2, 2] });
        expect(state).toHaveLength(STATE_LENGTH);
        expect(state.every(Number.isFinite)).toBe(true);
      }),
    );
  });
});
