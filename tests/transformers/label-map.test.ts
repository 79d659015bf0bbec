import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isEarshotError } from "../../src/errors.js";
import { CATEGORIES, SIGNALS, URGENCIES } from "../../src/labels.js";
import { createMapping, type LabelMap, parseLabelMap } from "../../src/transformers/label-map.js";

const MAP: LabelMap = {
  schemaVersion: 1,
  name: "their-model",
  version: "2.0.1",
  labels: {
    crisis: { urgency: { immediate: 0.6, urgent: 0.3 }, categories: { suicide: 0.9, self_harm: 0.2 } },
    worry: { urgency: { soon: 1 }, categories: { self_harm: 0.5 }, signals: { alone: 0.4 } },
    chat: {},
  },
};
const LABELS = ["crisis", "worry", "chat"];

function codeOf(call: () => unknown): string {
  try {
    call();
    return "none";
  } catch (error) {
    return isEarshotError(error) ? error.code : "another error";
  }
}

describe("parseLabelMap", () => {
  it("takes what is right", () => {
    expect(parseLabelMap(JSON.parse(JSON.stringify(MAP)))).toEqual(MAP);
  });

  const labels = MAP.labels;
  it.each([
    ["nothing", null],
    ["another version", { ...MAP, schemaVersion: 2 }],
    ["a name with spaces", { ...MAP, name: "their model" }],
    ["a version that is none", { ...MAP, version: "2" }],
    ["a field too many", { ...MAP, thresholds: {} }],
    ["a level that we do not have", { ...MAP, labels: { ...labels, chat: { urgency: { grave: 1 } } } }],
    ["a category that we do not have", { ...MAP, labels: { ...labels, chat: { categories: { toxicity: 1 } } } }],
    ["a signal that we do not have", { ...MAP, labels: { ...labels, chat: { signals: { angry: 1 } } } }],
    ["a share above 1", { ...MAP, labels: { ...labels, chat: { categories: { suicide: 1.1 } } } }],
    ["a share below 0", { ...MAP, labels: { ...labels, chat: { categories: { suicide: -0.1 } } } }],
    [
      "levels that are more than 1 together",
      { ...MAP, labels: { chat: { urgency: { immediate: 0.7, urgent: 0.4 } } } },
    ],
    ["no label", { ...MAP, labels: {} }],
    ["labels that never make a text more than routine", { ...MAP, labels: { chat: { urgency: { routine: 1 } } } }],
  ])("refuses %s", (_, value) => {
    expect(codeOf(() => parseLabelMap(value))).toBe("LABEL_MAP_INVALID");
  });

  it("takes tenths that are 1 together, although their sum is not exactly", () => {
    const urgency = { immediate: 0.1, urgent: 0.2, soon: 0.7000000000000001 };
    expect(codeOf(() => parseLabelMap({ ...MAP, labels: { all: { urgency } } }))).toBe("none");
  });
});

describe("createMapping", () => {
  it.each([
    { exclusive: true, given: [1, 0, 0], urgency: [0.6, 0.3, 0, 0.1], selfHarm: 0.2, alone: 0 },
    { exclusive: true, given: [0.5, 0.5, 0], urgency: [0.3, 0.15, 0.5, 0.05], selfHarm: 0.35, alone: 0.2 },
    { exclusive: true, given: [0, 0, 1], urgency: [0, 0, 0, 1], selfHarm: 0, alone: 0 },
    { exclusive: false, given: [1, 1, 1], urgency: [0.6, 0.3, 0.1, 0], selfHarm: 0.5, alone: 0.4 },
    { exclusive: false, given: [0.5, 0.5, 0], urgency: [0.3, 0.15, 0.05, 0.5], selfHarm: 0.25, alone: 0.2 },
    { exclusive: false, given: [0, 0, 1], urgency: [0, 0, 0, 1], selfHarm: 0, alone: 0 },
  ])("exclusive: $exclusive, $given", ({ exclusive, given, urgency, selfHarm, alone }) => {
    const scores = createMapping(MAP, LABELS, exclusive)(given);
    for (const [rank, level] of URGENCIES.entries())
      expect(scores.urgency[level], level).toBeCloseTo(urgency[rank], 12);
    expect(scores.categories.self_harm).toBeCloseTo(selfHarm, 12);
    expect(scores.signals.alone).toBeCloseTo(alone, 12);
    expect(scores.categories.education).toBe(0);
  });

  it.each([
    ["a label that the model does not have", ["crisis", "worry"]],
    ["no meaning for a label", [...LABELS, "spam"]],
    ["a label spelled otherwise", ["crisis", "worry", "Chat"]],
    ["the name of something that every object has", ["crisis", "worry", "chat", "toString"]],
  ])("refuses a map with %s", (_, labels) => {
    expect(codeOf(() => createMapping(MAP, labels, true))).toBe("LABEL_MAP_INVALID");
  });

  const probability = fc.double({ min: 0, max: 1, noNaN: true });
  const vectors = fc.tuple(probability, probability, probability);
  it("gives probabilities whatever it is given, and levels that sum to 1", () => {
    fc.assert(
      fc.property(vectors, fc.boolean(), (raw, exclusive) => {
        const total = raw[0] + raw[1] + raw[2];
        const given = exclusive ? raw.map((value) => (total === 0 ? 1 / 3 : value / total)) : raw;
        const { urgency, categories, signals } = createMapping(MAP, LABELS, exclusive)(given);
        const all = [
          ...URGENCIES.map((level) => urgency[level]),
          ...CATEGORIES.map((category) => categories[category]),
          ...SIGNALS.map((signal) => signals[signal]),
        ];
        for (const value of all) expect(value >= -1e-12 && value <= 1).toBe(true);
        expect(URGENCIES.reduce((sum, level) => sum + urgency[level], 0)).toBeCloseTo(1, 9);
      }),
    );
  });

  it("never calls a text less grave because a grave label became likelier, where labels stand for themselves", () => {
    fc.assert(
      fc.property(vectors, probability, (given, more) => {
        const map = createMapping(MAP, LABELS, false);
        const before = map(given).urgency;
        const after = map([Math.max(given[0], more), given[1], given[2]]).urgency;
        expect(after.immediate).toBeGreaterThanOrEqual(before.immediate);
        expect(after.routine).toBeLessThanOrEqual(before.routine);
      }),
    );
  });
});
