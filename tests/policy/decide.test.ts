import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CATEGORIES, REVIEW_CODES, SIGNALS, URGENCIES, type Urgency } from "../../src/labels.js";
import { type DecisionInput, decide } from "../../src/policy/decide.js";
import { rankOf } from "../../src/policy/levels.js";
import { DEFAULT_POLICY, type Policy, UNTUNED_THRESHOLDS } from "../../src/policy/schema.js";
import type { Scores } from "../../src/types.js";
import { anyScores, inputOf, probability, scoresOf, urgencyShares } from "./support.js";

const level = fc.constantFrom(...URGENCIES);
const threshold = probability.map((value) => Math.max(value, 1 / 1024));

const anyPolicy: fc.Arbitrary<Policy> = fc.record({
  name: fc.constant("any"),
  version: fc.constant("1"),
  urgencyThresholds: fc.record({
    immediate: threshold,
    urgent: threshold,
    soon: threshold,
    doubt: threshold,
    doubtRatio: fc.double({ min: 0.1, max: 10, noNaN: true }),
  }),
  categoryThresholds: fc.record({ default: threshold }),
  signalThresholds: fc.record({ default: threshold }),
  respondWithinMinutes: fc.constant(DEFAULT_POLICY.respondWithinMinutes),
  minimumLevelByCategory: fc.dictionary(fc.constantFrom(...CATEGORIES), level),
  reviewLevels: fc.record({
    LOW_CONFIDENCE: fc.constantFrom("soon" as const, "routine" as const),
    LANGUAGE_UNKNOWN: level,
    LANGUAGE_UNSUPPORTED: level,
    TRUNCATED: level,
    UNDECODABLE: level,
    MODEL_UNAVAILABLE: level,
    SECOND_LOOK_SKIPPED: level,
  }),
  lowConfidence: fc.record({ immediate: threshold, urgentOrGraver: threshold }),
});

const anyInput: fc.Arbitrary<DecisionInput> = fc
  .record({
    scores: fc.option(anyScores, { nil: undefined }),
    ruleLevel: fc.option(level, { nil: undefined }),
    ruleCategories: fc.subarray([...CATEGORIES]),
    ruleSignals: fc.subarray([...SIGNALS]),
    review: fc.subarray([...REVIEW_CODES]),
  })
  .map(({ scores, ruleLevel, ...rest }) => ({
    ...inputOf(scores, rest),
    ...(ruleLevel === undefined ? {} : { ruleLevel }),
  }));

describe("level from scores", () => {
  it.each<[name: string, shares: [number, number, number], expected: Urgency]>([
    ["sure of the gravest", [0.9, 0.05, 0.03], "immediate"],
    ["at the threshold of immediate", [0.35, 0, 0], "immediate"],
    ["just below it, with nothing else", [0.34, 0, 0], "soon"],
    ["immediate and urgent add up", [0.2, 0.2, 0], "urgent"],
    ["urgent alone", [0, 0.4, 0], "urgent"],
    ["three together reach soon", [0.1, 0.1, 0.3], "soon"],
    ["soon alone", [0, 0, 0.5], "soon"],
    ["mostly routine", [0.01, 0.04, 0.2], "routine"],
    ["surely routine", [0, 0, 0], "routine"],
    ["surely immediate", [1, 0, 0], "immediate"],
  ])("%s", (_name, shares, expected) => {
    const decision = decide(inputOf(scoresOf(shares)), DEFAULT_POLICY);
    expect(decision.urgency).toBe(expected);
    expect(decision.respondWithinMinutes).toBe(DEFAULT_POLICY.respondWithinMinutes[expected]);
  });

  it("prefers the thresholds of the policy, each by itself, to those of the model", () => {
    const policy = { ...DEFAULT_POLICY, urgencyThresholds: { immediate: 0.8 } };
    expect(decide(inputOf(scoresOf([0.7, 0, 0])), policy).urgency).toBe("urgent");
    expect(decide(inputOf(scoresOf([0.8, 0, 0])), policy).urgency).toBe("immediate");
  });
});

describe("doubt", () => {
  it.each<[shares: [number, number, number], low: boolean, expected: Urgency]>([
    [[0, 0.25, 0], true, "soon"],
    [[0, 0.24, 0], false, "routine"],
    [[0.15, 0, 0], true, "soon"],
    [[0.14, 0, 0], false, "routine"],
    [[0.15, 0, 0.5], true, "soon"],
    [[0, 0.3, 0.4], false, "soon"],
    [[0.3, 0.3, 0], false, "urgent"],
  ])("%j: %s", (shares, low, expected) => {
    const decision = decide(inputOf(scoresOf(shares)), DEFAULT_POLICY);
    expect(decision.review).toEqual(low ? ["LOW_CONFIDENCE"] : []);
    expect(decision.urgency).toBe(expected);
  });
});

describe("reasons and labels", () => {
  it("names a matched rule, the signals strongest first, the minimum and the review code that raised", () => {
    const scores = scoresOf([0, 0, 0.1], { suicide: 0.5, bullying: 0.8 }, { plan: 0.6, alone: 0.9, hopeless: 0.4 });
    const input = inputOf(scores, { review: ["TRUNCATED", "MODEL_UNAVAILABLE"], ruleSignals: ["means"] });
    const decision = decide(input, DEFAULT_POLICY);
    expect(decision).toMatchObject({
      urgency: "urgent",
      categories: ["bullying", "suicide"],
      signals: ["means", "alone", "plan"],
      review: ["TRUNCATED", "MODEL_UNAVAILABLE"],
      reasons: [
        { code: "signal:means", weight: 1 },
        { code: "signal:alone", weight: 0.9 },
        { code: "signal:plan", weight: 0.6 },
        { code: "category-minimum:suicide", weight: 0.5 },
        { code: "review:MODEL_UNAVAILABLE", weight: 1 },
      ],
    });
  });

  it("orders by probability relative to the threshold of each label", () => {
    const defaults = {
      ...UNTUNED_THRESHOLDS,
      categories: { ...UNTUNED_THRESHOLDS.categories, harmful_practices: 0.1 },
    };
    const scores = scoresOf([0, 0, 0], { harmful_practices: 0.3, education: 0.9 });
    expect(decide(inputOf(scores, { defaults }), DEFAULT_POLICY).categories).toEqual([
      "harmful_practices",
      "education",
    ]);
  });

  it("takes thresholds per label, then for all labels, then from the model", () => {
    const scores = scoresOf([0, 0, 0], { education: 0.45, bullying: 0.45 }, { plan: 0.55 });
    const policy: Policy = {
      ...DEFAULT_POLICY,
      categoryThresholds: { default: 0.4, overrides: { bullying: 0.46 } },
      signalThresholds: { overrides: { alone: 0.1 } },
    };
    expect(decide(inputOf(scores), policy)).toMatchObject({ categories: ["education"], signals: ["plan"] });
  });

  it("lets a rule raise the level and say so, and keeps a rule that adds nothing visible", () => {
    const quiet = scoresOf([0, 0, 0]);
    expect(decide(inputOf(quiet, { ruleLevel: "immediate" }), DEFAULT_POLICY)).toMatchObject({
      urgency: "immediate",
      reasons: [{ code: "rule:immediate", weight: 1 }],
    });
    expect(decide(inputOf(scoresOf([1, 0, 0]), { ruleLevel: "soon" }), DEFAULT_POLICY)).toMatchObject({
      urgency: "immediate",
      reasons: [{ code: "rule:soon", weight: 1 }],
    });
  });
});

describe("properties for any policy", () => {
  it("gives a level, a priority within its band, codes in order and weights in [0, 1]", () => {
    fc.assert(
      fc.property(anyInput, anyPolicy, (input, policy) => {
        const decision = decide(input, policy);
        const bottom = 0.75 - 0.25 * rankOf(decision.urgency);
        expect(decision.priority).toBeGreaterThanOrEqual(bottom);
        expect(decision.priority).toBeLessThan(bottom + 0.25);
        expect(decision.review).toEqual(REVIEW_CODES.filter((code) => decision.review.includes(code)));
        for (const code of input.review) expect(decision.review).toContain(code);
        for (const category of input.ruleCategories) expect(decision.categories).toContain(category);
        for (const signal of input.ruleSignals) expect(decision.signals).toContain(signal);
        for (const { weight } of decision.reasons) expect(weight >= 0 && weight <= 1).toBe(true);
      }),
    );
  });

  it("never lowers level or priority when probability moves to a graver level", () => {
    fc.assert(
      fc.property(
        anyInput,
        anyScores,
        anyPolicy,
        urgencyShares,
        fc.double({ noNaN: true, min: 0, max: 1 }),
        (input, scores, policy, shares, part) => {
          for (const [index, to] of URGENCIES.entries()) {
            for (const from of URGENCIES.slice(index + 1)) {
              const moved = Math.round(shares[from] * part * 1024) / 1024;
              const graver = { ...shares, [from]: shares[from] - moved, [to]: shares[to] + moved };
              const before = decide({ ...input, scores: { ...scores, urgency: shares } }, policy);
              const after = decide({ ...input, scores: { ...scores, urgency: graver } }, policy);
              expect(rankOf(after.urgency)).toBeLessThanOrEqual(rankOf(before.urgency));
              if (moved > 0) expect(after.priority).toBeGreaterThan(before.priority);
              else expect(after.priority).toBe(before.priority);
            }
          }
        },
      ),
    );
  });

  it("never lowers anything through rules or review codes", () => {
    fc.assert(
      fc.property(anyInput, anyPolicy, (input, policy) => {
        const { ruleLevel: _, ...rest } = input;
        const bare = decide({ ...rest, ruleCategories: [], ruleSignals: [], review: [] }, policy);
        const full = decide(input, policy);
        expect(rankOf(full.urgency)).toBeLessThanOrEqual(rankOf(bare.urgency));
        expect(full.priority).toBeGreaterThanOrEqual(bare.priority);
      }),
    );
  });

  it("raises at least to the level of every rule, review code and category minimum", () => {
    fc.assert(
      fc.property(anyInput, anyPolicy, (input, policy) => {
        const decision = decide(input, policy);
        const asked = [
          ...(input.ruleLevel === undefined ? [] : [input.ruleLevel]),
          ...decision.review.map((code) => policy.reviewLevels[code]),
          ...decision.categories.flatMap((category) => policy.minimumLevelByCategory[category] ?? []),
        ];
        for (const one of asked) expect(rankOf(decision.urgency)).toBeLessThanOrEqual(rankOf(one));
      }),
    );
  });
});

describe("faults", () => {
  it("decides without a model from rules and the missing model alone", () => {
    const input = inputOf(undefined, { ruleCategories: ["suicide"] });
    expect(decide(input, DEFAULT_POLICY)).toMatchObject({
      urgency: "urgent",
      categories: ["suicide"],
      review: ["MODEL_UNAVAILABLE"],
    });
    expect(decide({ ...input, ruleLevel: "immediate" }, DEFAULT_POLICY).urgency).toBe("immediate");
  });

  it.each<[name: string, group: keyof Scores, key: string]>([
    ["a level", "urgency", "routine"],
    ["a category", "categories", "education"],
    ["a signal", "signals", "past"],
  ])("treats %s that is no number or is missing as an unavailable model", (_name, group, key) => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, undefined]) {
      const sound = scoresOf([0, 0, 0]);
      const broken = { ...sound, [group]: { ...sound[group], [key]: value } } as Scores;
      const decision = decide(inputOf(broken), DEFAULT_POLICY);
      expect(decision.review).toEqual(["MODEL_UNAVAILABLE"]);
      expect(decision.urgency).toBe("urgent");
      expect(decision.priority).toBeGreaterThanOrEqual(0.5);
      expect(decision.priority).toBeLessThan(0.75);
    }
  });

  it("keeps a grave level although a label is no number", () => {
    const broken = scoresOf([0.9, 0, 0], { education: Number.NaN });
    expect(decide(inputOf(broken), DEFAULT_POLICY)).toMatchObject({
      urgency: "immediate",
      categories: [],
      review: ["MODEL_UNAVAILABLE"],
    });
  });
});
