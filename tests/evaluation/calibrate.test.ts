import { describe, expect, it } from "vitest";
import { calibrate, FEWEST_CALIBRATION_LINES } from "../../src/evaluation/calibrate.js";
import { calibratedPolicy, policyForCalibration } from "../../src/evaluation/calibrated-policy.js";
import { dealFolds } from "../../src/evaluation/folds.js";
import type { LabelledAssessment } from "../../src/evaluation/observations.js";
import { createRandom } from "../../src/evaluation/random.js";
import type { Urgency } from "../../src/labels.js";
import { decide } from "../../src/policy/decide.js";
import { DEFAULT_POLICY, type Policy } from "../../src/policy/schema.js";
import { parsePolicy } from "../../src/policy/validate.js";
import { inputOf, scoresOf } from "../policy/support.js";

const SAMPLING = { seed: 1, resamples: 20 };

/** Messages whose probabilities are too low by a fixed offset on the logit; some are raised by a rule. */
function messages(
  count: number,
  offset = -1.5,
): { level: Urgency; scores: ReturnType<typeof scoresOf>; rule: boolean }[] {
  const random = createRandom(42);
  const tooLow = (probability: number): number =>
    1 / (1 + Math.exp(-(Math.log(probability / (1 - probability)) + offset)));
  return Array.from({ length: count }, () => {
    const immediate = 0.001 + 0.998 * random() ** 3;
    const urgent = immediate + (1 - immediate) * 0.998 * random() ** 2;
    const drawn = random();
    const level = drawn < immediate ? "immediate" : drawn < urgent ? "urgent" : "routine";
    const shown = tooLow(immediate);
    return { level, scores: scoresOf([shown, Math.max(0, tooLow(urgent) - shown), 0]), rule: random() < 0.02 };
  });
}

/** As a triage would score them under a policy. */
function assess(list: ReturnType<typeof messages>, policy: Policy): LabelledAssessment[] {
  return list.map(({ level, scores, rule }) => ({
    urgency: level,
    assessment: decide(inputOf(scores, rule ? { ruleLevel: "immediate" } : {}), policy),
  }));
}

const LIST = messages(1500);
const LABELLED = assess(LIST, policyForCalibration(DEFAULT_POLICY));

describe("calibrate", () => {
  it("gives a policy that reaches the sensitivity, as the lines that had no part in it say", async () => {
    const report = await calibrate(LABELLED, { sampling: SAMPLING });
    expect(report).toMatchObject({ schemaVersion: 1, lines: 1500, folds: 5, target: { sensitivity: 0.95 } });
    for (const [rank, level] of report.levels.entries()) {
      expect(level.sensitivity.value).toBeGreaterThan(0.93);
      expect(level.sensitivity.n).toBe(level.positives);
      expect(level.positives + level.negatives).toBe(1500);
      expect(level.falseAlarms.n).toBe(level.negatives);
      // What was too low by 1.5 is put right.
      expect(level.map?.slope).toBeGreaterThan(0.8);
      expect(level.map?.slope).toBeLessThan(1.2);
      expect(level.map?.offset).toBeGreaterThan(1);
      expect(level.calibrationErrorAfter?.value).toBeLessThan(level.calibrationErrorBefore?.value ?? 0);
      // The lines themselves, scored with the policy.
      const decided = assess(LIST, parsePolicy(report.policy));
      const isAt = (urgency: Urgency | undefined) => urgency === "immediate" || (rank === 1 && urgency === "urgent");
      const positives = decided.filter(({ urgency }) => isAt(urgency));
      const found = positives.filter(({ assessment }) => isAt(assessment.urgency));
      expect(found.length / positives.length).toBeGreaterThanOrEqual(0.95);
    }
    expect(report.levels[1].threshold).toBeLessThanOrEqual(report.levels[0].threshold);
  });

  it("keeps to the false alarms instead when asked", async () => {
    const { levels, policy } = await calibrate(LABELLED, { target: { falseAlarms: 0.1 }, sampling: SAMPLING });
    const decided = assess(LIST, parsePolicy(policy));
    for (const [rank, level] of levels.entries()) {
      expect(level.falseAlarms.value).toBeLessThan(0.12);
      const isAt = (urgency: Urgency | undefined) => urgency === "immediate" || (rank === 1 && urgency === "urgent");
      const negatives = decided.filter(({ urgency }) => !isAt(urgency));
      const alarms = negatives.filter(({ assessment }) => isAt(assessment.urgency));
      expect(alarms.length / negatives.length).toBeLessThanOrEqual(0.1);
    }
    expect(levels[1].threshold).toBeLessThanOrEqual(levels[0].threshold);
  });

  it("counts alerts an hour as a share of the messages", async () => {
    const { levels } = await calibrate(LABELLED, { messagesPerHour: 40, sampling: SAMPLING });
    for (const { alerts, alertsPerHour } of levels) {
      expect(alertsPerHour?.value).toBeCloseTo(40 * alerts.value, 12);
      expect(alertsPerHour?.high).toBeCloseTo(40 * alerts.high, 12);
    }
    expect((await calibrate(LABELLED, { sampling: SAMPLING })).levels[0]).not.toHaveProperty("alertsPerHour");
  });

  it("does not depend on the order of lines, and passes over those without a level", async () => {
    const unlabelled = LABELLED.slice(0, 50).map(({ assessment }) => ({ assessment }));
    const report = await calibrate(LABELLED, { sampling: SAMPLING });
    expect(await calibrate([...unlabelled, ...LABELLED.toReversed()], { sampling: SAMPLING })).toEqual(report);
  });

  it.each<[name: string, list: LabelledAssessment[]]>([
    ["nothing", []],
    ["29 immediate lines", sample(29, 40, 60)],
    ["29 lines below urgent", sample(40, 40, 29)],
    ["29 lines that are not immediate", sample(40, 14, 15)],
  ])("refuses %s and says what there is", async (_, list) => {
    const count = (level: Urgency) => list.filter(({ urgency }) => urgency === level).length;
    await expect(calibrate(list, { sampling: SAMPLING })).rejects.toMatchObject({
      code: "DATA_TOO_FEW",
      details: {
        immediate: count("immediate"),
        notImmediate: list.length - count("immediate"),
        urgentOrAbove: count("immediate") + count("urgent"),
        belowUrgent: count("routine"),
        needed: FEWEST_CALIBRATION_LINES,
      },
    });
  });

  it("takes 30 of each", async () => {
    await expect(calibrate(sample(30, 0, 30), { sampling: SAMPLING })).resolves.toMatchObject({ lines: 60 });
  });

  it("refuses a target that rules already miss", async () => {
    const raised = LABELLED.map((line) => ({
      ...line,
      assessment: { ...line.assessment, urgency: "immediate" as const },
    }));
    await expect(calibrate(raised, { target: { falseAlarms: 0.1 }, sampling: SAMPLING })).rejects.toMatchObject({
      code: "TARGET_UNREACHABLE",
    });
  });

  it.each([0, 1, -1, Number.NaN])("refuses a sensitivity of %f", async (sensitivity) => {
    await expect(calibrate(LABELLED, { target: { sensitivity } })).rejects.toMatchObject({ code: "INPUT_INVALID" });
  });

  it("works with lines that have no scores", async () => {
    const broken = LABELLED.slice(0, 20).map(({ urgency }) => ({
      urgency: urgency ?? "soon",
      assessment: { urgency: "urgent" as const, categories: [], signals: [] },
    }));
    const report = await calibrate([...broken, ...LABELLED.slice(20)], { sampling: SAMPLING });
    expect(report.lines).toBe(1500);
    expect(report.levels[1].alerts.n).toBe(1500);
  });
});

/** Lines with a probability that their level explains. */
function sample(immediate: number, urgent: number, routine: number): LabelledAssessment[] {
  const random = createRandom(3);
  const some = (count: number, level: Urgency, lowest: number): LabelledAssessment[] =>
    Array.from({ length: count }, () => ({
      urgency: level,
      assessment: decide(
        inputOf(scoresOf([lowest * random(), lowest * random(), 0])),
        policyForCalibration(DEFAULT_POLICY),
      ),
    }));
  return [...some(immediate, "immediate", 0.5), ...some(urgent, "urgent", 0.4), ...some(routine, "routine", 0.2)];
}

describe("policyForCalibration", () => {
  it("leaves the level to rules, and the scores as the model gave them", () => {
    const own = {
      ...DEFAULT_POLICY,
      calibration: { immediate: { slope: 2, offset: 1 } },
      urgencyThresholds: { immediate: 0.1 },
    };
    const policy = parsePolicy(policyForCalibration(own));
    const scores = scoresOf([0.6, 0.3, 0.05]);
    expect(decide(inputOf(scores), policy)).toMatchObject({ urgency: "soon", review: ["LOW_CONFIDENCE"], scores });
    expect(decide(inputOf(scores, { ruleLevel: "urgent" }), policy).urgency).toBe("urgent");
  });
});

describe("calibratedPolicy", () => {
  const level = (threshold: number) => ({ threshold, map: { slope: 1.5, offset: -0.5 } });

  it("keeps what was not chosen, and switches the second way to urgent off", () => {
    const own = { ...DEFAULT_POLICY, urgencyThresholds: { soon: 0.7, doubt: 0.1, doubtRatio: 3 } };
    const policy = parsePolicy(calibratedPolicy(own, level(0.4), { threshold: 0.3 }));
    expect(policy).toMatchObject({
      name: "earshot-default-calibrated",
      urgencyThresholds: { immediate: 0.4, urgent: 0.3, soon: 0.7, doubt: 1, doubtRatio: 3 },
      calibration: { immediate: { slope: 1.5, offset: -0.5 } },
      reviewLevels: DEFAULT_POLICY.reviewLevels,
    });
    expect(policy.calibration).not.toHaveProperty("urgent");
    expect(calibratedPolicy(own, { threshold: 1 }, { threshold: 1 })).not.toHaveProperty("calibration");
  });

  it("has a version that changes with its contents only, and a name that does not grow", () => {
    const once = calibratedPolicy(DEFAULT_POLICY, level(0.4), level(0.3));
    expect(once.version).toMatch(/^1\.1\.0\+[0-9a-f]{8}$/);
    expect(calibratedPolicy(DEFAULT_POLICY, level(0.4), level(0.3))).toEqual(once);
    expect(calibratedPolicy(DEFAULT_POLICY, level(0.4), level(0.2)).version).not.toBe(once.version);
    expect(calibratedPolicy(once, level(0.4), level(0.3))).toEqual(once);
    const long = { ...DEFAULT_POLICY, name: "x".repeat(64), version: "9".repeat(64) };
    expect(parsePolicy(calibratedPolicy(long, level(0.4), level(0.3))).name).toHaveLength(64);
  });
});

describe("dealFolds", () => {
  it("gives every fold its share of every level", () => {
    const levels = Float64Array.from({ length: 203 }, (_, line) => (line % 7 === 0 ? 0 : 3));
    const fold = dealFolds(levels, 5, 1);
    for (const rank of [0, 3]) {
      const counts = [0, 1, 2, 3, 4].map(
        (part) => levels.filter((level, line) => level === rank && fold[line] === part).length,
      );
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }
    expect([...dealFolds(levels, 5, 1)]).toEqual([...fold]);
    expect([...dealFolds(levels, 5, 2)]).not.toEqual([...fold]);
  });
});
