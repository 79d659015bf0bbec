import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { selectLabels } from "../../src/policy/select.js";
import { probability } from "./support.js";

const LABELS = ["a", "b", "c"] as const;
type Label = (typeof LABELS)[number];
const half = () => 0.5;

describe("selectLabels", () => {
  it.each<[name: string, probabilities: Record<Label, number> | undefined, fromRules: Label[], expected: Label[]]>([
    ["strongest first", { a: 0.5, b: 0.4, c: 0.9 }, [], ["c", "a"]],
    ["ties in the order of the labels", { a: 0.6, b: 0.6, c: 0.6 }, [], ["a", "b", "c"]],
    ["a rule counts as certain", { a: 0.9, b: 0, c: 0 }, ["c"], ["c", "a"]],
    ["rules alone without probabilities", undefined, ["b"], ["b"]],
    ["a probability that is no number is not over anything", { a: Number.NaN, b: 0.7, c: 0.8 }, [], ["c", "b"]],
    ["nothing", { a: 0, b: 0, c: 0 }, [], []],
  ])("%s", (_name, probabilities, fromRules, expected) => {
    const selected = selectLabels(LABELS, probabilities, fromRules, half);
    expect(selected.map(({ label }) => label)).toEqual(expected);
  });

  it("selects what reaches its threshold and nothing else, for any threshold from 0 to 1", () => {
    const triple = fc.record({ a: probability, b: probability, c: probability });
    fc.assert(
      fc.property(triple, triple, (probabilities, thresholds) => {
        const selected = selectLabels(LABELS, probabilities, [], (label) => thresholds[label]);
        const expected = LABELS.filter((label) => probabilities[label] >= thresholds[label]);
        expect(selected.map(({ label }) => label).toSorted()).toEqual(expected);
        for (const { label, probability: shown } of selected) expect(shown).toBe(probabilities[label]);
      }),
    );
  });
});
