import { describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../../src/policy/schema.js";
import { completeRules, type QueueRules, rulesFor } from "../../src/queue/rules.js";

const { respondWithinMinutes } = DEFAULT_POLICY;
const none = { immediate: 0, urgent: 0, soon: 0, routine: 0 };

describe("rulesFor", () => {
  it("follows the times of the policy", () => {
    expect(rulesFor({ immediate: 10, urgent: 20, soon: 30, routine: 40 })).toEqual({
      headStartMinutes: { immediate: 5, urgent: 10, soon: 15, routine: 20 },
      ageAfterMinutes: { urgent: 10, soon: 15, routine: 20 },
      agedEvery: 4,
      anyoneAfterMinutes: { immediate: 2, urgent: 4, soon: 6, routine: 8 },
      claimMinutes: 2,
      maximumTickets: 10_000,
    });
  });
});

describe("completeRules", () => {
  it("keeps what is set and fills the rest", () => {
    const own = { agedEvery: 1, headStartMinutes: none };
    expect(completeRules(respondWithinMinutes, own)).toEqual({ ...rulesFor(respondWithinMinutes), ...own });
  });

  it.each<[string, object]>([
    ["an unknown field", { agedevery: 2 }],
    ["a level that is none", { headStartMinutes: { ...none, low: 1 } }],
    ["a level that is missing", { anyoneAfterMinutes: { immediate: 0, urgent: 0, soon: 0 } }],
    [
      "an age for immediate, which never ages",
      { ageAfterMinutes: { immediate: 1, urgent: 60, soon: 600, routine: 6000 } },
    ],
    ["minutes below 0", { headStartMinutes: { ...none, soon: -1 } }],
    ["minutes that are no number", { headStartMinutes: { ...none, soon: Number.NaN } }],
    ["minutes that never end", { anyoneAfterMinutes: { ...none, immediate: Number.POSITIVE_INFINITY } }],
    ["nothing for minutes", { headStartMinutes: null }],
    ["a ticket that is aged before all may take it", { ageAfterMinutes: { urgent: 1, soon: 1, routine: 1 } }],
    ["a turn that is no whole number", { agedEvery: 1.5 }],
    ["no turn", { agedEvery: 0 }],
    ["no place", { maximumTickets: 0 }],
    ["a claim without time", { claimMinutes: 0 }],
  ])("refuses %s", (_, own) => {
    expect(() => completeRules(respondWithinMinutes, own as Partial<QueueRules>)).toThrow(
      expect.objectContaining({ code: "QUEUE_RULES_INVALID" }),
    );
  });
});
