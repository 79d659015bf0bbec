import { describe, expect, it } from "vitest";
import { CATEGORIES, SIGNALS } from "../../src/labels.js";
import { DEFAULT_POLICY, UNTUNED_THRESHOLDS } from "../../src/policy/schema.js";

describe("defaults", () => {
  it("cannot be changed by accident, also not inside", () => {
    for (const value of [DEFAULT_POLICY, UNTUNED_THRESHOLDS]) {
      for (const part of [value, ...Object.values(value)]) expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it("leaves every threshold to the model", () => {
    expect(DEFAULT_POLICY).not.toHaveProperty("urgencyThresholds");
    expect(DEFAULT_POLICY).not.toHaveProperty("categoryThresholds");
    expect(DEFAULT_POLICY).not.toHaveProperty("signalThresholds");
  });

  it("has a threshold for every label", () => {
    expect(Object.keys(UNTUNED_THRESHOLDS.categories)).toEqual([...CATEGORIES]);
    expect(Object.keys(UNTUNED_THRESHOLDS.signals)).toEqual([...SIGNALS]);
  });
});
