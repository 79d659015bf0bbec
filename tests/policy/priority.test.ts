import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { URGENCIES } from "../../src/labels.js";
import { cumulativeRisk, levelOf, priorityOf, UNKNOWN_RISK } from "../../src/policy/priority.js";

const shares = (immediate: number, urgent: number, soon: number, routine: number) => ({
  immediate,
  urgent,
  soon,
  routine,
});

describe("cumulativeRisk", () => {
  it.each([
    ["adds up from the gravest", shares(0.125, 0.25, 0.5, 0.125), { immediate: 0.125, urgent: 0.375, soon: 0.875 }],
    ["is zero for a routine message", shares(0, 0, 0, 1), { immediate: 0, urgent: 0, soon: 0 }],
    ["never passes 1", shares(1, 1, 1, 1), { immediate: 1, urgent: 1, soon: 1 }],
    ["takes less than nothing as nothing", shares(-0.5, 0.25, -1, 2), { immediate: 0, urgent: 0.25, soon: 0.25 }],
    ["is unknown when one is no number", shares(0.5, Number.NaN, 0, 0.5), undefined],
    ["is unknown when one is infinite", shares(0, 0, 0, Number.POSITIVE_INFINITY), undefined],
  ])("%s", (_name, urgency, expected) => {
    expect(cumulativeRisk(urgency)).toEqual(expected);
  });
});

describe("levelOf", () => {
  const thresholds = { immediate: 0.5, urgent: 0.6, soon: 0.5, doubt: 0.1, doubtRatio: 2 };
  it.each([
    ["immediate by itself", { immediate: 0.5, urgent: 0.5, soon: 0.5 }, "immediate"],
    ["urgent by the sum", { immediate: 0, urgent: 0.6, soon: 0.6 }, "urgent"],
    ["urgent when danger is likelier than nothing at all", { immediate: 0.2, urgent: 0.3, soon: 0.9 }, "urgent"],
    ["not urgent when nothing at all is likelier", { immediate: 0.2, urgent: 0.3, soon: 0.85 }, "soon"],
    ["not urgent under the least doubt", { immediate: 0.09, urgent: 0.3, soon: 1 }, "soon"],
    ["routine when no threshold is reached", { immediate: 0.05, urgent: 0.2, soon: 0.4 }, "routine"],
  ] as const)("says %s", (_name, risk, level) => {
    expect(levelOf(risk, thresholds)).toBe(level);
  });
});

describe("priorityOf", () => {
  it("puts every level into its own band, also at the ends", () => {
    const none = { immediate: 0, urgent: 0, soon: 0 };
    const all = { immediate: 1, urgent: 1, soon: 1 };
    expect(URGENCIES.map((level) => priorityOf(level, none))).toEqual([0.75, 0.5, 0.25, 0]);
    for (const [index, level] of URGENCIES.entries()) {
      expect(priorityOf(level, all)).toBeLessThan(1 - 0.25 * index);
      expect(priorityOf(level, UNKNOWN_RISK)).toBeGreaterThan(priorityOf(level, none));
    }
  });

  it("lets a sum that is graver weigh more than the same share in a less grave one", () => {
    const soonOnly = { immediate: 0, urgent: 0, soon: 0.3 };
    const urgentOnly = { immediate: 0, urgent: 0.3, soon: 0.3 };
    const immediateOnly = { immediate: 0.3, urgent: 0.3, soon: 0.3 };
    expect(priorityOf("soon", immediateOnly) - priorityOf("soon", urgentOnly)).toBeGreaterThan(
      priorityOf("soon", urgentOnly) - priorityOf("soon", soonOnly),
    );
  });

  it("orders levels before risks", () => {
    const risk = fc.record({
      immediate: fc.double({ min: 0, max: 1, noNaN: true }),
      urgent: fc.double({ min: 0, max: 1, noNaN: true }),
      soon: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(risk, risk, fc.nat({ max: 2 }), (one, other, index) => {
        const graver = URGENCIES[index] ?? "immediate";
        const milder = URGENCIES[index + 1] ?? "routine";
        expect(priorityOf(graver, one)).toBeGreaterThan(priorityOf(milder, other));
      }),
    );
  });
});
