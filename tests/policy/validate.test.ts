import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isEarshotError } from "../../src/errors.js";
import { DEFAULT_POLICY, type Policy } from "../../src/policy/schema.js";
import { parsePolicy } from "../../src/policy/validate.js";

function refusal(value: unknown): unknown {
  try {
    return parsePolicy(value);
  } catch (error) {
    return error;
  }
}

describe("accepted", () => {
  const full: Policy = {
    ...DEFAULT_POLICY,
    urgencyThresholds: { immediate: 0.2 },
    categoryThresholds: { default: 0.4, overrides: { suicide: 0.3 } },
    signalThresholds: { overrides: { now: 1 } },
    displayNames: { immediate: "Red", routine: "Green" },
  };

  it.each<[name: string, policy: Policy]>([
    ["the default policy", DEFAULT_POLICY],
    ["every optional field", full],
    ["no minimum levels", { ...DEFAULT_POLICY, minimumLevelByCategory: {} }],
  ])("%s", (_name, policy) => {
    const parsed = parsePolicy(JSON.parse(JSON.stringify(policy)));
    expect(parsed).toEqual(policy);
  });

  it("is a copy, so that later changes of the operator's object do nothing", () => {
    const own = structuredClone(DEFAULT_POLICY) as { lowConfidence: { immediate: number } };
    const parsed = parsePolicy(own);
    own.lowConfidence.immediate = 0.99;
    expect(parsed.lowConfidence.immediate).toBe(DEFAULT_POLICY.lowConfidence.immediate);
  });
});

describe("refused", () => {
  const { lowConfidence: _, ...withoutDoubt } = DEFAULT_POLICY;

  it.each<[name: string, value: unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a string", "policy"],
    ["an empty object", {}],
    ["a missing field", withoutDoubt],
    ["a misspelt field", { ...DEFAULT_POLICY, urgencyThreshold: { immediate: 0.3 } }],
    ["a threshold over 1", { ...DEFAULT_POLICY, urgencyThresholds: { immediate: 1.01 } }],
    ["a threshold that everything reaches", { ...DEFAULT_POLICY, urgencyThresholds: { soon: 0 } }],
    ["a threshold that is no number", { ...DEFAULT_POLICY, categoryThresholds: { default: Number.NaN } }],
    ["a threshold for routine", { ...DEFAULT_POLICY, urgencyThresholds: { routine: 0.5 } }],
    ["an unknown category", { ...DEFAULT_POLICY, minimumLevelByCategory: { weather: "soon" } }],
    ["an unknown level", { ...DEFAULT_POLICY, minimumLevelByCategory: { suicide: "later" } }],
    [
      "doubt that passes surer messages",
      { ...DEFAULT_POLICY, reviewLevels: { ...DEFAULT_POLICY.reviewLevels, LOW_CONFIDENCE: "urgent" } },
    ],
    ["a missing response time", { ...DEFAULT_POLICY, respondWithinMinutes: { immediate: 5, urgent: 60, soon: 600 } }],
    [
      "no time at all",
      { ...DEFAULT_POLICY, respondWithinMinutes: { immediate: 0, urgent: 60, soon: 600, routine: 900 } },
    ],
    [
      "a graver level that waits longer",
      { ...DEFAULT_POLICY, respondWithinMinutes: { immediate: 5, urgent: 60, soon: 30, routine: 900 } },
    ],
    ["a name that could pass for name@version", { ...DEFAULT_POLICY, name: "ours@2" }],
    ["an empty version", { ...DEFAULT_POLICY, version: "" }],
    ["an empty display name", { ...DEFAULT_POLICY, displayNames: { soon: "" } }],
  ])("%s", (_name, value) => {
    expect(refusal(value)).toMatchObject({ code: "POLICY_INVALID", details: {} });
  });

  it("anything at all, always with the same error, without a cause and without quoting it", () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (value) => {
        const error = refusal(value);
        expect(isEarshotError(error)).toBe(true);
        expect(error).not.toHaveProperty("cause");
      }),
    );
    const error = refusal({ ...DEFAULT_POLICY, name: "my secret note" }) as Error;
    expect(`${error.message} ${error.stack}`).not.toContain("secret");
  });

  it("an object that throws when it is read", () => {
    const hostile = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error("hostile");
        },
      },
    );
    expect(refusal(hostile)).toMatchObject({ code: "POLICY_INVALID" });
  });
});
