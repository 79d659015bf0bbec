import { describe, expect, it } from "vitest";
import { sharesLanguage } from "../../src/referral/languages.js";

describe("sharesLanguage", () => {
  it.each([
    [["sw"], ["en", "sw"], true],
    [["en-GB"], ["en"], true],
    [["EN_us"], ["en"], true],
    [["nb"], ["no"], true],
    [["tl-PH"], ["fil"], true],
    [["zh"], ["cmn"], true],
    [["und", "fr"], ["fr"], true],
    [["to"], ["toi"], false],
    [["de"], [], false],
    [[], ["de"], false],
    [["constructor"], ["toString"], false],
  ])("%j with %j: %s", (wanted, offered, expected) => {
    expect(sharesLanguage(wanted, offered)).toBe(expected);
  });
});
