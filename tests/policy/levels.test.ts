import { describe, expect, it } from "vitest";
import { URGENCIES, type Urgency } from "../../src/labels.js";
import { isGraver, rankOf } from "../../src/policy/levels.js";

describe("levels", () => {
  it("ranks the gravest first", () => {
    expect(URGENCIES.map(rankOf)).toEqual([0, 1, 2, 3]);
  });

  it.each<[Urgency, Urgency, boolean]>([
    ["immediate", "urgent", true],
    ["urgent", "routine", true],
    ["soon", "soon", false],
    ["routine", "soon", false],
  ])("%s graver than %s: %s", (left, right, expected) => {
    expect(isGraver(left, right)).toBe(expected);
  });
});
