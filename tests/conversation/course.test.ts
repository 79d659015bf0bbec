import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { advance, levelAt, lowerTo } from "../../src/conversation/course.js";
import { type Evidence, evidenceOf } from "../../src/conversation/evidence.js";
import { FEATURES, featuresOf } from "../../src/conversation/features.js";
import { CONVERSATION_MODEL } from "../../src/conversation/learned.js";
import { atRiskOf, threatensOf } from "../../src/conversation/model.js";
import { addTurn, createState, placeOf, type Speaker, type State, WHOLE } from "../../src/conversation/state.js";
import { assessmentOf, type Said, TURN } from "./support.js";

const MINUTE = 60_000;

interface Played {
  readonly state: State;
  readonly levels: readonly number[];
}

function play(turns: ReadonlyArray<readonly [Speaker, number, Evidence]>, state: State = createState()): Played {
  const levels = turns.map(([by, minute, evidence]) => {
    addTurn(state, by, minute * MINUTE, evidence);
    const standings = advance(CONVERSATION_MODEL, state, placeOf(state, by), 0);
    return levelAt(state, standings, state[WHOLE.at]);
  });
  return { state, levels };
}

function say(...said: readonly Said[]): Played {
  return play(said.map(([by, minute, turn]) => [by, minute, evidenceOf(assessmentOf(turn))]));
}

const repeat = (count: number, by: Speaker, turn: Said[2], from = 0): Said[] =>
  Array.from({ length: count }, (_, index) => [by, from + index, turn]);
const { calm, low, grave, dying } = TURN;

describe("courses", () => {
  it("an ordinary talk stays low", () => {
    expect(Math.max(...say(...repeat(12, "person", calm)).levels)).toBeLessThan(2);
  });

  it("a slow rise ends higher than its first turn", () => {
    const { levels } = say(
      ...repeat(3, "person", calm),
      ...repeat(3, "person", low, 3),
      ...repeat(2, "person", grave, 6),
    );
    expect(levels[0]).toBeLessThan(2);
    expect(levels.at(-1)).toBeGreaterThanOrEqual(2);
  });

  it("a sudden turn is seen at once", () => {
    const { levels } = say(...repeat(9, "person", calm), ["person", 9, dying]);
    expect(levels[8]).toBeLessThan(2);
    expect(levels[9]).toBeGreaterThanOrEqual(2);
  });

  it("what the counsellor says does not end an alarm", () => {
    const { levels } = say(["person", 0, dying], ...repeat(12, "counsellor", calm, 1));
    expect(Math.min(...levels)).toBe(levels[0]);
  });

  it("what others say does not end an alarm", () => {
    const { levels } = say([3, 0, dying], ...repeat(12, 4, calm, 1));
    expect(Math.min(...levels)).toBe(levels[0]);
  });

  it("one denial does not end an alarm", () => {
    const denial = { ...calm, labels: { denied: 0.99, not_literal: 0.9 } };
    const { levels } = say(["person", 0, grave], ["person", 1, dying], ["person", 2, denial]);
    expect(levels[2]).toBe(levels[1]);
  });

  it("an alarm that resolves falls slowly, and from immediate not below urgent", () => {
    const { levels } = say(["person", 0, dying], ["person", 1, dying], ...repeat(60, "person", calm, 2));
    expect(levels[1]).toBe(3);
    for (const [index, level] of levels.slice(2).entries()) expect(level).toBeGreaterThanOrEqual(levels[index + 1] - 1);
    expect(levels.slice(2, 4)).toEqual([3, 3]);
    expect(levels.at(-1)).toBe(2);
  });

  it("falls when somebody who looked says so, and rises again by later turns only", () => {
    const { state } = say(["person", 0, dying], ["person", 1, dying]);
    lowerTo(state, 0);
    const evidence = (turn: Said[2]): Evidence => evidenceOf(assessmentOf(turn));
    const { levels } = play(
      [
        ["counsellor", 2, evidence(calm)],
        ["person", 3, evidence(calm)],
        ["person", 4, evidence(dying)],
      ],
      state,
    );
    expect(Math.max(levels[0], levels[1])).toBeLessThan(2);
    expect(levels[2]).toBeGreaterThanOrEqual(2);
  });

  it("whoever drops out after a hint is put higher while the silence lasts", () => {
    const hint = say(...repeat(2, "person", calm), ["person", 2, low], ["counsellor", 3, calm]);
    expect(hint.levels[3]).toBe(1);
    const later = play([["counsellor", 15, evidenceOf(assessmentOf(calm))]], hint.state);
    expect(later.levels[0]).toBe(2);
  });

  it("a course of small signs by another weighs more than as many turns without them", () => {
    const urgency = { immediate: 0.02, urgent: 0.3, soon: 0.4 };
    const signs = { online_sexual_exploitation: 0.5, coerced_secrecy: 0.4, threatened: 0.3, young: 0.4 };
    const riskOf = (turn: Said[2], count: number): number => {
      const talk: Said[] = repeat(count, "other", turn).flatMap((said) => [said, ["person", said[1], calm]]);
      const { state } = say(...talk);
      return atRiskOf(CONVERSATION_MODEL, state, placeOf(state, "person"), state[WHOLE.at]);
    };
    const course = riskOf({ urgency, labels: signs }, 6);
    expect(course).toBeGreaterThan(riskOf({ urgency }, 6) * 1.2);
    expect(course).toBeGreaterThan(riskOf({ urgency, labels: signs }, 1) * 1.2);
  });

  it("tells in a group who is at risk from who is not", () => {
    const { state } = say([1, 0, grave], [2, 0, calm], [1, 1, grave], [3, 1, calm]);
    const atRisk = (speaker: number): number =>
      atRiskOf(CONVERSATION_MODEL, state, placeOf(state, speaker), state[WHOLE.at]);
    expect(atRisk(1)).toBeGreaterThan(Math.max(atRisk(2), atRisk(3)));
  });

  it("tells the one who is spoken of from the one who speaks of being harmed", () => {
    const told = {
      urgency: { immediate: 0.05, urgent: 0.7, soon: 0.2 },
      labels: { online_sexual_exploitation: 0.9, young: 0.6 },
    };
    const { state } = say(...repeat(6, 2, told).flatMap((said): Said[] => [[1, said[1], calm], said]));
    const threatens = (speaker: number): number =>
      threatensOf(CONVERSATION_MODEL, state, placeOf(state, speaker), state[WHOLE.at]);
    expect(threatens(1)).toBeGreaterThan(threatens(2));
  });
});

const speaker = fc.oneof(fc.constantFrom<Speaker>("person", "counsellor", "other"), fc.nat(9));
const share = fc.double({ min: 0, max: 1, noNaN: true });
const evidence = fc.record({
  levels: fc.array(fc.double({ min: 0, max: 2, noNaN: true }), { minLength: 3, maxLength: 3 }),
  rules: fc.constant<readonly number[]>([0, 0]),
  courses: fc.array(share, { minLength: 9, maxLength: 9 }),
  contexts: fc.array(share, { minLength: 3, maxLength: 3 }),
  weight: fc.double({ min: 1, max: 4, noNaN: true }),
});
const turn = fc.tuple(speaker, fc.nat(500), evidence);

describe("properties", () => {
  it("more risk in a turn never lowers the level, then or later", () => {
    fc.assert(
      fc.property(
        fc.array(turn, { minLength: 1, maxLength: 25 }),
        fc.nat(),
        evidence,
        fc.boolean(),
        (turns, at, more, rule) => {
          const raised = turns.map(([by, minute, own], index): (typeof turns)[number] => {
            if (index !== at % turns.length) return [by, minute, own];
            const higher = (values: number[], others: number[]): number[] =>
              values.map((value, place) => Math.max(value, others[place]));
            const levels = higher(own.levels, more.levels);
            const courses = higher(own.courses, more.courses);
            return [by, minute, { ...own, levels, courses, rules: rule ? [1, 1] : [0, 1] }];
          });
          const before = play(turns).levels;
          for (const [index, level] of play(raised).levels.entries())
            expect(level).toBeGreaterThanOrEqual(before[index]);
        },
      ),
    );
  });

  it("no weight of a feature that is risk is below 0", () => {
    for (const name of ["immediate", "urgent", "soon"] as const) {
      const { weights } = CONVERSATION_MODEL[name];
      expect(weights).toHaveLength(FEATURES.length);
      for (const [index, { isRisk }] of FEATURES.entries())
        if (isRisk) expect(weights[index]).toBeGreaterThanOrEqual(0);
    }
  });

  it("it does not matter which numbers the speakers have, nor in which order they come to their places", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(7), fc.nat(500), evidence), { maxLength: 25 }),
        fc.nat(6),
        (turns, shift) => {
          const renamed = turns.map(([by, minute, own]): (typeof turns)[number] => [(by * 3 + shift) % 8, minute, own]);
          expect(play(renamed).levels).toEqual(play(turns).levels);
          // Everybody takes a place beforehand, in another order.
          const ahead = createState();
          for (let number = 7; number >= 0; number -= 1) placeOf(ahead, number);
          expect(play(turns, ahead).levels).toEqual(play(turns).levels);
        },
      ),
    );
  });

  it("silence only raises the level", () => {
    fc.assert(
      fc.property(fc.array(turn, { minLength: 1, maxLength: 10 }), fc.nat(5000), (turns, minutes) => {
        const { state, levels } = play(turns);
        const risk = featuresOf(state, 0, state[WHOLE.at]);
        const later = featuresOf(state, 0, state[WHOLE.at] + minutes * MINUTE);
        for (const [index, { isRisk }] of FEATURES.entries())
          if (isRisk) expect(later[index]).toBeGreaterThanOrEqual(risk[index]);
        expect(levelAt(state, [], state[WHOLE.at] + minutes * MINUTE)).toBeLessThanOrEqual(levels.at(-1) ?? 0);
      }),
    );
  });
});
