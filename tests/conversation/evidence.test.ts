import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CONTEXTS, COURSES, evidenceOf } from "../../src/conversation/evidence.js";
import { assessmentOf, TURN } from "./support.js";

describe("evidenceOf", () => {
  it.each([
    ["even odds as 1", 0.5, 1],
    ["what is sure as 2", 1, 2],
    ["what cannot be as 0", 0, 0],
    ["one to three as a little under 1", 0.25, 1 - Math.log(3) / 5],
  ])("takes %s", (_, immediate, expected) => {
    expect(evidenceOf(assessmentOf({ urgency: { immediate } })).levels[0]).toBeCloseTo(expected, 10);
  });

  it.each([
    ["immediate", [1, 1]],
    ["urgent", [0, 1]],
    ["soon", [0, 0]],
  ] as const)("counts a rule for %s", (rule, expected) => {
    expect(evidenceOf(assessmentOf({ rule })).rules).toEqual(expected);
  });

  it("takes the strongest label of a group", () => {
    const { courses } = evidenceOf(
      assessmentOf({ labels: { sexual_violence: 0.3, online_sexual_exploitation: 0.8, images: 0.6 } }),
    );
    expect(courses[0]).toBe(0.8);
    expect(courses[5]).toBe(0.6);
    expect(courses).toHaveLength(COURSES);
  });

  it("does not look at a denial", () => {
    const without = evidenceOf(assessmentOf(TURN.grave));
    const { labels } = TURN.grave;
    expect(evidenceOf(assessmentOf({ ...TURN.grave, labels: { ...labels, denied: 1 } }))).toEqual(without);
  });

  it("takes missing scores for unknown", () => {
    const { scores: _, ...rest } = assessmentOf({});
    const { levels, courses, contexts } = evidenceOf(rest);
    expect(levels[1]).toBe(1);
    expect(levels[2]).toBeGreaterThan(1);
    expect([...courses, ...contexts]).toEqual(new Array(COURSES + CONTEXTS).fill(0));
  });

  it("has numbers for any probabilities", () => {
    const any = fc.oneof(fc.double({ min: 0, max: 1 }), fc.constant(Number.NaN));
    fc.assert(
      fc.property(any, any, any, fc.nat(1e6), (immediate, urgent, young, words) => {
        const { levels, courses, weight } = evidenceOf(
          assessmentOf({ urgency: { immediate, urgent }, labels: { young }, words }),
        );
        for (const value of [...levels, ...courses]) expect(value >= 0 && value <= 2).toBe(true);
        expect(weight >= 1 && weight <= Math.sqrt(20)).toBe(true);
      }),
    );
  });
});
