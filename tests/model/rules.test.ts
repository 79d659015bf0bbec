import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileRules } from "../../models/training/compile-rules.js";
import { isEarshotError } from "../../src/errors.js";
import { CATEGORIES, SIGNALS, URGENCIES } from "../../src/labels.js";
import { createRuleScratch, loadRules, matchRules, type RuleMatch, wipeRuleScratch } from "../../src/model/rules.js";
import { createNormalizedText, type NormalizedText, normalize } from "../../src/text/normalize.js";

const encoder = new TextEncoder();

function normalized(text: string): NormalizedText {
  const bytes = encoder.encode(text);
  const result = createNormalizedText(bytes.length);
  normalize(bytes, 0, bytes.length, result);
  return result;
}

function compile(...lines: string[]): Uint8Array {
  return compileRules([{ name: "test.rules", content: lines.join("\n") }]);
}

function match(lines: readonly string[], text: string): RuleMatch {
  const rules = loadRules(compile(...lines));
  const words = normalized(text);
  return { ...matchRules(rules, words, createRuleScratch(rules, words.wordStarts.length)) };
}

const NOTHING = { level: URGENCIES.length, categories: 0, signals: 0, matches: 0, firstWord: -1, lastWord: -1 };

function mask(ids: readonly string[], ...chosen: string[]): number {
  return chosen.reduce((bits, id) => bits | (1 << ids.indexOf(id)), 0);
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return isEarshotError(error) ? error.code : "not an EarshotError";
  }
  return "no error";
}

describe("patterns", () => {
  it.each([
    ["a word", "red door", "the red door opened", true],
    ["another word", "red door", "the red doors opened", false],
    ["in capitals and with an apostrophe", "dont go", "DON'T GO", true],
    ["a stem", "green lea*", "green leaves", true],
    ["a stem as a whole word", "leaf*", "leaf", true],
    ["a word that only ends like the stem", "leaf*", "overleaf", false],
    ["a stem before another word", "lea* fell", "leaves fell", true],
    ["a choice", "(red/blue) door", "blue door", true],
    ["no choice", "(red/blue) door", "green door", false],
    ["a choice of several words", "(dark red/blue) door", "dark red door", true],
    ["an optional word that is there", "red (old/) door", "red old door", true],
    ["an optional word that is not", "red (old/) door", "red door", true],
    ["a gap of none", "red ... door", "red door", true],
    ["a gap of three", "red ... door", "red and very old door", true],
    ["a gap of four", "red ... door", "red and very very old door", false],
    ["two gaps in a row, which are one", "red ... (old/) ... door", "red so so so so so door", false],
    ["a gap that an empty choice leaves at the beginning", "(red/) ... door", "door", true],
    ["a gap that an empty choice leaves at the end", "red ... (door/)", "red", true],
    ["over a sentence end, which is a word", "red door", "red. door", false],
    ["over a comma", "red door", "red, door", true],
    ["Chinese without spaces", "想死", "我想死", true],
    ["Chinese with a choice", "我(想/要)死", "我要死", true],
    ["Cyrillic", "красн* дверь", "Красная дверь", true],
    ["at the very end", "the end", "this is the end", true],
    ["in an empty text", "red", "", false],
  ])("matches %s", (_, pattern, text, expected) => {
    expect(match([`urgent | - | - | ${pattern}`], text).matches).toBe(expected ? 1 : 0);
  });

  it("tries every stem that begins a word, not only the longest", () => {
    const rules = ["soon | - | - | lea* fell", "urgent | - | - | leav* grew", "immediate | - | - | leaves rose"];
    expect(match(rules, "leaves fell").level).toBe(2);
    expect(match(rules, "leaves grew").level).toBe(1);
    expect(match(rules, "leaves rose").level).toBe(0);
  });
});

describe("contexts", () => {
  const far = "so ".repeat(12);
  const farther = "so ".repeat(13);
  it.each([
    ["unless, before", "unless: toy", "a toy red door", false],
    ["unless, after", "unless: toy", "red door of a toy", false],
    ["unless, absent", "unless: toy", "a real red door", true],
    ["unless, overlapping", "unless: not the red", "not the red door", false],
    ["unless, twelve words before", "unless: toy", `toy ${far.slice(3)}red door`, false],
    ["unless, thirteen words before", "unless: toy", `toy ${far}red door`, true],
    ["unless, twelve words after", "unless: toy", `red door ${far.slice(3)}toy`, false],
    ["unless, thirteen words after", "unless: toy", `red door ${far}toy`, true],
    ["unless, with a gap", "unless: made ... paper", "red door made of old paper", false],
    ["unless, one of several", "unless: toy / paper", "red door of paper", false],
    ["needs, present", "needs: open", "red door open", true],
    ["needs, absent", "needs: open", "red door shut", false],
    ["needs, too far", "needs: open", `red door ${farther}open`, false],
    ["needs and unless, both there", "needs: open | unless: toy", "open red toy door red door", false],
    ["shared by the file", "needs: open", "open red door in the film", false],
  ])("%s", (_, contexts, text, expected) => {
    const lines = ["unless-all: in the film", `urgent | - | - | red door | ${contexts}`];
    expect(match(lines, text).matches).toBe(expected ? 1 : 0);
  });

  it("counts a rule whose first match is switched off and whose second is not", () => {
    const text = `toy red door ${"so ".repeat(14)}red door`;
    expect(match(["urgent | - | - | red door | unless: toy"], text)).toMatchObject({ matches: 1, lastWord: 18 });
  });
});

describe("results", () => {
  const lines = [
    "soon | bullying | past | old door",
    "immediate | suicide,self_harm | now,means | red door",
    "urgent | neglect | young | blue door",
  ];

  it("has the gravest level, all categories and signals, and where the gravest match is", () => {
    expect(match(lines, "an old door and a blue door by the red door by the red door")).toEqual({
      level: 0,
      categories: mask(CATEGORIES, "bullying", "suicide", "self_harm", "neglect"),
      signals: mask(SIGNALS, "past", "now", "means", "young"),
      matches: 3,
      firstWord: 9,
      lastWord: 10,
    });
  });

  it("says nothing about other texts", () => {
    expect(match(lines, "a green window")).toEqual(NOTHING);
  });

  it("keeps nothing from one text to the next, and nothing after wiping", () => {
    const rules = loadRules(compile(...lines));
    const scratch = createRuleScratch(rules, 100);
    matchRules(rules, normalized("red door"), scratch);
    expect(matchRules(rules, normalized("green door"), scratch)).toEqual(NOTHING);
    expect(matchRules(rules, normalized("red door"), scratch).matches).toBe(1);
    wipeRuleScratch(scratch);
    expect(scratch.match).toEqual(NOTHING);
    expect([...scratch.symbols, ...scratch.matched, scratch.wordCount].every((number) => number === 0)).toBe(true);
  });

  it("refuses a text with more words than the scratch holds", () => {
    const rules = loadRules(compile(...lines));
    const run = (): unknown => matchRules(rules, normalized("one two three"), createRuleScratch(rules, 2));
    expect(codeOf(run)).toBe("INTERNAL");
  });
});

describe("compiler", () => {
  it.each([
    ["an unknown level", "grave | - | - | red"],
    ["the level routine, which would raise nothing", "routine | - | - | red"],
    ["an unknown category", "urgent | doors | - | red"],
    ["an unknown signal", "urgent | - | doors | red"],
    ["too few fields", "urgent | - | red"],
    ["an unknown field", "urgent | - | - | red | when: blue"],
    ["two needs fields", "urgent | - | - | red | needs: a | needs: b"],
    ["an empty phrase", "urgent | - | - | red | unless: a / "],
    ["an open bracket", "urgent | - | - | (red door"],
    ["nested brackets", "urgent | - | - | (red (old/new)/blue) door"],
    ["a bracket that touches a word", "urgent | - | - | (red/dark)er door"],
    ["a star inside a word", "urgent | - | - | r*d"],
    ["nothing but a star", "urgent | - | - | *"],
    ["a word of which nothing is left", "urgent | - | - | red -- door"],
    ["a pattern that may be empty", "urgent | - | - | (red/) (door/)"],
    ["a pattern of 25 words", `urgent | - | - | ${"red ".repeat(25)}`],
    ["a pattern with 5 gaps", "urgent | - | - | a ... b ... c ... d ... e ... f"],
    ["a shorthand that is not defined", "urgent | - | - | $COLOUR door"],
  ])("names the line of %s", (_, line) => {
    expect(() => compile("# first", "urgent | - | - | fine", line)).toThrow(/^test\.rules:3: /);
  });

  it("puts shorthands in place, in brackets and out of them", () => {
    const lines = ["$COLOUR = (red/blue)", "urgent | - | - | $COLOUR (door/$COLOUR) | unless: $COLOUR toy"];
    expect(match(lines, "blue door").matches).toBe(1);
    expect(match(lines, "blue red").matches).toBe(1);
    expect(match(lines, "blue red toy").matches).toBe(0);
  });

  it("gives the same bytes for files in any order and keeps equal rules once", () => {
    const one = { name: "a.rules", content: "urgent | - | - | red door" };
    const two = { name: "b.rules", content: "soon | - | - | blue door\nurgent | - | - | red door" };
    expect(compileRules([two, one])).toEqual(compileRules([one, two]));
    expect(loadRules(compileRules([one, two])).levels.length).toBe(2);
  });

  it("writes no word into the file", () => {
    const text = new TextDecoder("latin1").decode(compile("urgent | - | - | crocodile tea* | unless: umbrella"));
    for (const word of ["crocodile", "tea", "umbrella"]) expect(text).not.toContain(word);
  });
});

describe("the English rules", () => {
  const content = readFileSync(new URL("../../models/training/rules/en.rules", import.meta.url), "utf8");
  const rules = loadRules(compileRules([{ name: "en.rules", content }]));
  const levelOf = (text: string): number => {
    const words = normalized(text);
    return matchRules(rules, words, createRuleScratch(rules, words.wordStarts.length)).level;
  };

  it.each([
    "I'm going to kill myself tonight",
    "ive just taken an overdose",
    "my friend took a load of pills and wont wake up",
    "my husband is strangling me",
    "hes got a knife",
    "someone is breaking into my house",
    "im 7 and im home alone and mummy hasnt come back",
    "they are marrying me off tomorrow, im 15 and they force me",
    "he just raped me an hour ago",
    "abeg help me my husband wan kill me",
    "going to shoot up my school today",
  ])("put this at immediate: %s", (text) => {
    expect(levelOf(text)).toBe(URGENCIES.indexOf("immediate"));
  });

  it.each([
    "my dad hits me every day",
    "i want to die",
    "he says he will send my nudes to everyone unless i pay",
    "my uncle touches me at night",
    "i got kicked out and have nowhere to sleep tonight",
  ])("put this at urgent: %s", (text) => {
    expect(levelOf(text)).toBe(URGENCIES.indexOf("urgent"));
  });

  it.each([
    "this homework is killing me",
    "my mum is going to kill me when she sees the kitchen",
    "i'm dying laughing",
    "you killed it on stage last night",
    "i took my tablets like the doctor said",
    "took the whole packet of biscuits",
    "in the film he has a gun and breaks into the house",
    "i am not going to kill myself tonight",
    "wedding tomorrow!! so excited for my sister",
    "she's following me on instagram",
  ])("leave this alone: %s", (text) => {
    expect(levelOf(text)).toBe(URGENCIES.length);
  });
});

describe("properties", () => {
  const word = fc.constantFrom("a", "b", "c", "d", "e");
  const token = fc.constantFrom("a", "b", "c", "d", "ab", "a*", "b*", "...", "(a/b c/)", "(c*/d)", "(.../e) b");

  /** What the format says, written as a regular expression over the words: slow, and obviously right. */
  function toExpression(pattern: string): RegExp {
    const words = (text: string): string =>
      text
        .trim()
        .split(" ")
        .filter((part) => part !== "")
        .map((part) => (part === "..." ? "(?:[a-z]+ ){0,3}" : `${part.replace("*", "[a-z]*")} `))
        .join("");
    const parts = pattern.match(/\([^()]*\)|[^()]+/g) ?? [];
    const source = parts.map((part) =>
      part.startsWith("(") ? `(?:${part.slice(1, -1).split("/").map(words).join("|")})` : words(part),
    );
    return new RegExp(`(?:^| )${source.join("")}`);
  }

  it("matches what a regular expression of the same pattern matches", () => {
    const patterns = fc.array(token, { minLength: 1, maxLength: 4 }).map((tokens) => `e ${tokens.join(" ")} d`);
    const lists = fc.array(patterns, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(lists, fc.array(fc.oneof(word, fc.constantFrom("ab", "bc")), { maxLength: 14 }), (rules, words) => {
        // Two gaps in a row count as one, which a regular expression does not know.
        fc.pre(rules.every((rule) => !/\.\.\. (\.\.\.|\()|\) (\.\.\.|\()/.test(rule)));
        const expected = rules.filter((rule, index) => {
          return rules.indexOf(rule) === index && toExpression(rule).test(`${words.join(" ")} `);
        });
        // Two letters, because single ones in a row are joined: that is how people space out words.
        const double = (text: string): string => text.replace(/[a-e]/g, (letter) => `${letter}x`);
        const lines = rules.map((rule) => `urgent | - | - | ${double(rule)}`);
        expect(match(lines, double(words.join(" "))).matches).toBe(expected.length);
      }),
    );
  });

  it("refuses any bytes that are not a rules file", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => codeOf(() => loadRules(bytes)) === "PACK_INVALID"),
    );
  });

  const file = compile(
    "unless-all: in a game",
    "immediate | suicide | now | (red/blue*) ... door | unless: toy / paper door",
    "soon | - | - | blu* (old/) wall | needs: high",
  );

  it("refuses a file that is cut short or too long", () => {
    for (let length = 0; length < file.length; length++) {
      expect(codeOf(() => loadRules(file.subarray(0, length)))).toBe("PACK_INVALID");
    }
    expect(codeOf(() => loadRules(Uint8Array.from([...file, 0])))).toBe("PACK_INVALID");
  });

  it("refuses a file of another version", () => {
    expect(codeOf(() => loadRules(file.with(8, 2)))).toBe("PACK_INVALID");
  });

  it("with changed bytes either refuses or still matches within the text", () => {
    const changes = fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 });
    const text = normalized("red old door blue toy wall high in a game of paper door blue wall");
    fc.assert(
      fc.property(changes, (pairs) => {
        const bytes = pairs.reduce((copy, [index, value]) => copy.with(index, value), file);
        const code = codeOf(() => {
          const rules = loadRules(bytes);
          const result = matchRules(rules, text, createRuleScratch(rules, text.wordCount));
          expect(result.lastWord).toBeLessThan(text.wordCount);
          expect(result.matches).toBeLessThanOrEqual(rules.levels.length);
        });
        expect(["no error", "PACK_INVALID"]).toContain(code);
      }),
      { numRuns: 500 },
    );
  });
});
