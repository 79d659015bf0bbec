import { describe, expect, it } from "vitest";
import { isSameRegion } from "../../src/referral/region.js";

describe("isSameRegion", () => {
  it.each([
    ["Bogotá", "bogota", true],
    ["Bogota\u0301", "Bogotá", true],
    [" Flanders ", "FLANDERS", true],
    ["Dubai", "Abu Dhabi", false],
    ["", "Dubai", false],
  ])("%j and %j: %s", (a, b, same) => {
    expect(isSameRegion(a, b)).toBe(same);
  });
});
