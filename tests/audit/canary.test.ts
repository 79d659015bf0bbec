import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CANARY_SCRIPTS, CANARY_SIZES, type CanaryScript, makeCanary, soughtWords } from "../../src/audit/canary.js";
import { isEarshotError } from "../../src/errors.js";

const SCRIPT_LETTERS: Readonly<Record<CanaryScript, RegExp>> = {
  latin: /^[A-Za-z0-9 ]+$/,
  latin_accented: /^[\u00c0-\u00ff ]+$/,
  cyrillic: /^[\p{Script=Cyrillic} ]+$/u,
  arabic: /^[\p{Script=Arabic} ]+$/u,
  devanagari: /^[\p{Script=Devanagari} ]+$/u,
  cjk: /^[\p{Script=Han} ]+$/u,
  emoji: /^[\p{Emoji_Presentation} ]+$/u,
};

describe("makeCanary", () => {
  it.each(CANARY_SCRIPTS.flatMap((script) => CANARY_SIZES.map((size) => [script, size] as const)))(
    "makes %s of at most %i bytes",
    (script, size) => {
      const canary = makeCanary(script, size);
      expect(canary.text).toMatch(SCRIPT_LETTERS[script]);
      expect(Buffer.from(canary.bytes).toString("utf8")).toBe(canary.text);
      expect(canary.words.join(" ")).toBe(canary.text);
      const largestLetter = Buffer.byteLength(canary.words[0].slice(0, 2));
      expect(canary.bytes.length).toBeLessThanOrEqual(Math.max(size, largestLetter));
      expect(canary.bytes.length).toBeGreaterThan(size - largestLetter - 2);
    },
  );

  it("makes words of twelve characters but for the last", () => {
    const { words } = makeCanary("cyrillic", 1000);
    expect(words.length).toBeGreaterThan(10);
    for (const word of words.slice(0, -1)) expect([...word]).toHaveLength(12);
  });

  it("never makes the same twice", () => {
    const texts = Array.from({ length: 50 }, () => makeCanary("latin", 24).text);
    expect(new Set(texts).size).toBe(50);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses a size of %d", (size) => {
    const attempt = (): unknown => makeCanary("latin", size);
    expect(attempt).toThrow(expect.objectContaining({ code: "INPUT_INVALID" }));
    try {
      attempt();
    } catch (error) {
      expect(isEarshotError(error)).toBe(true);
    }
  });
});

describe("soughtWords", () => {
  it("keeps the first and the last of many words and the limit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 3000 }), fc.integer({ min: 2, max: 12 }), (size, limit) => {
        const canary = makeCanary("latin", size);
        const words = soughtWords(canary, limit);
        expect(words).toHaveLength(limit);
        expect(words[0]).toBe(canary.words[0]);
        expect(words.at(-1)).toBe(canary.words.at(-1));
      }),
      { numRuns: 20 },
    );
  });

  it("keeps all of few words", () => {
    const canary = makeCanary("latin", 30);
    expect(soughtWords(canary, 12)).toEqual(canary.words);
  });
});
