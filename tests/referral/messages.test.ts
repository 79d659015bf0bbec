import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { URGENCIES } from "../../src/labels.js";
import { BUNDLED_MESSAGES, referralMessage } from "../../src/referral/messages.js";
import { AGE_BANDS } from "../../src/referral/schema.js";

const LANGUAGES = ["ar", "bn", "de", "en", "es", "fil", "fr", "hi", "id", "it", "pt", "ru", "sw", "tr", "zh"];
const ALL = LANGUAGES.flatMap((language) =>
  URGENCIES.flatMap((level) =>
    AGE_BANDS.map((band) => [language, level, band, BUNDLED_MESSAGES[language][level][band]] as const),
  ),
);
/** Longest word for a child of eight: "services" has as many letters as "together". */
const LONGEST_ENGLISH_WORD = 8;
/** Letters that belong to a script, for languages that share it with no other of these. */
const SCRIPTS: Readonly<Record<string, RegExp>> = {
  ar: /\p{Script=Arabic}/u,
  bn: /\p{Script=Bengali}/u,
  hi: /\p{Script=Devanagari}/u,
  ru: /\p{Script=Cyrillic}/u,
  zh: /\p{Script=Han}/u,
};

describe("the bundled words", () => {
  it("are there in every language, level and age, and nowhere else", () => {
    expect(Object.keys(BUNDLED_MESSAGES).sort()).toEqual(LANGUAGES);
    for (const levels of Object.values(BUNDLED_MESSAGES)) {
      expect(Object.keys(levels)).toEqual([...URGENCIES]);
      for (const bands of Object.values(levels)) expect(Object.keys(bands)).toEqual([...AGE_BANDS]);
    }
  });

  it("say who wrote them and that they want review", () => {
    const text = readFileSync(new URL("../../src/referral/messages.json", import.meta.url), "utf8");
    expect(JSON.parse(text).note).toMatch(/language model.*No native speaker.*review/);
  });

  it.each(ALL)("%s, %s, %s: short, in its script, without numbers, addresses and shouting", (language, _, __, text) => {
    expect(text).toMatch(SCRIPTS[language] ?? /^[\p{Script=Latin}\p{P}\s]+$/u);
    expect(text).not.toMatch(/[\d!@]|https?:/);
    const sentences = text.split(/[.。।]\s*/u).filter((sentence) => sentence !== "");
    expect(sentences.length).toBeLessThanOrEqual(2);
    for (const sentence of sentences) expect(sentence.split(/\s+/).length).toBeLessThanOrEqual(16);
    expect(text.length).toBeLessThanOrEqual(130);
  });

  it.each(URGENCIES)("%s: a child of eight can read them in English", (level) => {
    for (const band of ["under9", "from9"] as const) {
      const words = BUNDLED_MESSAGES.en[level][band].split(/[^a-zA-Z]+/).filter((word) => word !== "");
      expect(words.filter((word) => word.length > LONGEST_ENGLISH_WORD)).toEqual([]);
      expect(words.length).toBeLessThanOrEqual(20);
    }
  });

  it.each(LANGUAGES)("%s: differ by level", (language) => {
    for (const band of AGE_BANDS) {
      const texts = URGENCIES.map((level) => BUNDLED_MESSAGES[language][level][band]);
      expect(new Set(texts).size).toBe(URGENCIES.length);
    }
  });
});

describe("referralMessage", () => {
  it.each([
    [0, "under9"],
    [8.9, "under9"],
    [9, "from9"],
    [12, "from9"],
    [13, "from13"],
    [17, "from13"],
    [18, "adult"],
    [90, "adult"],
    [undefined, "adult"],
  ] as const)("at %s years speaks as to %s", (age, band) => {
    expect(referralMessage("urgent", age, "de").text).toBe(BUNDLED_MESSAGES.de.urgent[band]);
  });

  it.each([
    ["sw", "sw"],
    ["pt-BR", "pt"],
    ["PT_br", "pt"],
    ["tl", "fil"],
    ["cmn-Hant", "zh"],
    ["und", "en"],
    ["", "en"],
    ["toString", "en"],
  ])("in %j speaks %s", (wanted, language) => {
    expect(referralMessage("soon", 10, wanted)).toEqual({ language, text: BUNDLED_MESSAGES[language].soon.from9 });
  });

  it("prefers the operator's words, as far as there are any", () => {
    const own = {
      "pt-PT": { soon: { adult: "Palavras." } },
      cy: { soon: { adult: "Geiriau." } },
      en: { soon: { adult: "Words." } },
    };
    expect(referralMessage("soon", 40, "pt-pt", own)).toEqual({ language: "pt-PT", text: "Palavras." });
    expect(referralMessage("soon", 40, "pt-BR", own).language).toBe("pt");
    expect(referralMessage("urgent", 40, "pt-PT", own).language).toBe("pt");
    expect(referralMessage("soon", 40, "cy-GB", own)).toEqual({ language: "cy", text: "Geiriau." });
    expect(referralMessage("soon", 40, "is", own)).toEqual({ language: "en", text: "Words." });
    expect(referralMessage("soon", 8, "is", own).text).toBe(BUNDLED_MESSAGES.en.soon.under9);
  });
});
