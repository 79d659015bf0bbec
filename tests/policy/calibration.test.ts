import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { URGENCIES } from "../../src/labels.js";
import { calibrateUrgency, logitOf, mapProbability } from "../../src/policy/calibration.js";
import { decide } from "../../src/policy/decide.js";
import { DEFAULT_POLICY, type Policy, type UrgencyCalibration } from "../../src/policy/schema.js";
import { parsePolicy } from "../../src/policy/validate.js";
import { inputOf, probability, scoresOf, urgencyShares } from "./support.js";

const map = fc.record({
  slope: fc.double({ min: 0.1, max: 10, noNaN: true }),
  offset: fc.double({ min: -10, max: 10, noNaN: true }),
});
const calibration: fc.Arbitrary<UrgencyCalibration> = fc.record(
  { immediate: map, urgent: map, soon: map },
  { requiredKeys: [] },
);

describe("logitOf and mapProbability", () => {
  it.each([
    [0.5, { slope: 3, offset: 0 }, 0.5],
    [0.5, { slope: 1, offset: Math.log(3) }, 0.75],
    // Odds of 1/4, squared.
    [0.2, { slope: 2, offset: 0 }, 1 / 17],
    [0.37, undefined, 0.37],
  ])("maps %f by %j to %f", (value, by, expected) => {
    expect(mapProbability(value, by)).toBeCloseTo(expected, 12);
  });

  it("stays finite at the ends", () => {
    expect(logitOf(0)).toBeCloseTo(-logitOf(1), 6);
    expect(Number.isFinite(logitOf(1))).toBe(true);
  });

  it("never puts the smaller of two probabilities first", () => {
    fc.assert(
      fc.property(probability, probability, map, (one, other, by) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        expect(mapProbability(low, by)).toBeLessThanOrEqual(mapProbability(high, by));
      }),
    );
  });
});

describe("calibrateUrgency", () => {
  it("maps what is cumulative, not the single levels", () => {
    const shares = { immediate: 0.2, urgent: 0.3, soon: 0.25, routine: 0.25 };
    const odds = { slope: 1, offset: Math.log(4) };
    // Odds of immediate 1/4, of urgent or graver 1, of soon or graver 3; each times 4.
    const mapped = calibrateUrgency(shares, { immediate: odds, urgent: odds, soon: odds });
    expect(mapped.immediate).toBeCloseTo(1 / 2, 12);
    expect(mapped.urgent).toBeCloseTo(4 / 5 - 1 / 2, 12);
    expect(mapped.soon).toBeCloseTo(12 / 13 - 4 / 5, 12);
    expect(mapped.routine).toBeCloseTo(1 / 13, 12);
  });

  it("raises what is less grave rather than lower what is graver", () => {
    const shares = { immediate: 0.5, urgent: 0.1, soon: 0, routine: 0.4 };
    const mapped = calibrateUrgency(shares, { immediate: { slope: 1, offset: 3 } });
    expect(mapped.immediate).toBeGreaterThan(0.95);
    expect([mapped.urgent, mapped.soon]).toEqual([0, 0]);
  });

  it("leaves alone what is no number", () => {
    const shares = { immediate: Number.NaN, urgent: 0, soon: 0, routine: 1 };
    expect(calibrateUrgency(shares, { immediate: { slope: 2, offset: 0 } })).toBe(shares);
  });

  it("gives probabilities that sum to 1", () => {
    fc.assert(
      fc.property(urgencyShares, calibration, (shares, by) => {
        const mapped = calibrateUrgency(shares, by);
        for (const level of URGENCIES) expect(mapped[level]).toBeGreaterThanOrEqual(0);
        expect(URGENCIES.reduce((sum, level) => sum + mapped[level], 0)).toBeCloseTo(1, 12);
      }),
    );
  });
});

describe("a policy with a calibration", () => {
  const policy: Policy = {
    ...DEFAULT_POLICY,
    calibration: { immediate: { slope: 1, offset: 2 }, urgent: { slope: 1, offset: 2 } },
    urgencyThresholds: { immediate: 0.5, urgent: 0.6 },
  };

  it("corrects before thresholds, and shows what it compared", () => {
    const scores = scoresOf([0.2, 0, 0], { suicide: 0.3 });
    expect(decide(inputOf(scores), { ...policy, calibration: {} }).urgency).not.toBe("immediate");
    const decision = decide(inputOf(scores), policy);
    expect(decision.urgency).toBe("immediate");
    expect(decision.scores?.urgency.immediate).toBeCloseTo(1 / (1 + 4 * Math.exp(-2)), 12);
    expect(decision.scores?.categories).toBe(scores.categories);
    expect(decision.priority).toBeGreaterThan(decide(inputOf(scoresOf([0.19, 0, 0])), policy).priority);
  });

  it("leaves the very same scores without one", () => {
    const scores = scoresOf([0.2, 0, 0]);
    expect(decide(inputOf(scores), DEFAULT_POLICY).scores).toBe(scores);
    expect(decide(inputOf(), policy)).not.toHaveProperty("scores");
  });

  it("is a policy", () => {
    expect(parsePolicy(JSON.parse(JSON.stringify(policy)))).toEqual(policy);
  });

  it.each<[name: string, calibration: unknown]>([
    ["a slope of 0, which would make all messages equal", { immediate: { slope: 0, offset: 0 } }],
    ["a slope that turns the order round", { urgent: { slope: -1, offset: 0 } }],
    ["a slope without end", { urgent: { slope: Number.POSITIVE_INFINITY, offset: 0 } }],
    ["an offset that is no number", { soon: { slope: 1, offset: Number.NaN } }],
    ["an offset beyond all sense", { soon: { slope: 1, offset: 101 } }],
    ["a missing offset", { soon: { slope: 1 } }],
    ["a level that has no threshold", { routine: { slope: 1, offset: 0 } }],
    ["a list", []],
  ])("refuses %s", (_, calibrationField) => {
    expect(() => parsePolicy({ ...DEFAULT_POLICY, calibration: calibrationField })).toThrow(
      expect.objectContaining({ code: "POLICY_INVALID" }),
    );
  });
});
