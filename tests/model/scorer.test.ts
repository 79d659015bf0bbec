import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { URGENCIES } from "../../src/labels.js";
import { plainMemory } from "../../src/model/kernel.js";
import { LABEL_COLUMNS } from "../../src/model/pack.js";
import { createScorer, SEGMENT_BYTES } from "../../src/model/scorer.js";
import { writeFeatures } from "../../src/text/features.js";
import { createNormalizedText, normalize } from "../../src/text/normalize.js";
import { tinyPack } from "../support/tiny-pack.js";

const encoder = new TextEncoder();

/** The hash of a lone word: the first feature of a text that is only this word. */
function wordHash(word: string): number {
  const bytes = encoder.encode(word);
  const text = createNormalizedText(bytes.length);
  normalize(bytes, 0, bytes.length, text);
  const features = new Uint32Array(5000);
  writeFeatures(text, 0, 1, features);
  return features[0];
}

function weights(values: Partial<Record<number, number>>): number[] {
  return Array.from({ length: LABEL_COLUMNS }, (_, column) => values[column] ?? 0);
}

const DANGER = "danger";
const CALM = "calm";
const ROWS: Parameters<typeof tinyPack>[0] = [
  [wordHash(DANGER), weights({ 0: 60, 3: -60, 4: 40 })],
  [wordHash(CALM), weights({ 0: -20, 3: 20 })],
];
const RULES = "immediate | suicide | now | danger right now | unless: film\n";
const pack = tinyPack(ROWS, RULES);
const scorer = createScorer(pack);

function score(text: string, options = {}) {
  const bytes = encoder.encode(text);
  return scorer.score(bytes, 0, bytes.length, options);
}

describe("createScorer", () => {
  it("scores what the model knows, and the prior for what it does not", () => {
    const unknown = score("nothing of note");
    const danger = score(`there is ${DANGER} here`);
    expect(unknown.scores?.urgency.immediate).toBeCloseTo(0.25);
    expect(danger.scores?.urgency.immediate).toBeGreaterThan(0.9);
    expect(danger.scores?.categories.suicide).toBeGreaterThan(0.9);
    expect(score(`all ${CALM}`).scores?.urgency.immediate).toBeLessThan(0.1);
  });

  it("counts words and windows", () => {
    expect(score("one two three")).toMatchObject({ words: 3, windows: 0 });
    expect(score("word ".repeat(32))).toMatchObject({ words: 32, windows: 0 });
    expect(score("word ".repeat(33))).toMatchObject({ words: 33, windows: 2 });
    expect(score("word ".repeat(64))).toMatchObject({ words: 64, windows: 3 });
  });

  it("finds one sentence in a long text", () => {
    const around = "word ".repeat(150);
    const short = "word ".repeat(14);
    const buried = score(`${around}${DANGER} ${around}`).scores?.urgency.immediate ?? 0;
    // The same word without windows: the calibration of a short message applies to the whole.
    const features = new Uint32Array(6_000_000);
    const bytes = encoder.encode(`${around}${DANGER} ${around}`);
    const text = createNormalizedText(bytes.length);
    normalize(bytes, 0, bytes.length, text);
    const margin = 120 / Math.sqrt(writeFeatures(text, 0, text.wordCount, features));
    const averagedAway = Math.exp(margin / 2) / (Math.exp(margin / 2) + 2 + Math.exp(-margin / 2));
    expect(buried).toBeGreaterThan(averagedAway + 0.1);
    expect(score(`${short}${DANGER} ${short}`).scores?.urgency.immediate).toBeGreaterThan(buried);
  });

  it("applies rules, which do not touch the scores", () => {
    const match = score("danger right now").rules;
    expect(URGENCIES[match.level]).toBe("immediate");
    expect(match.categories).toBe(1);
    expect(URGENCIES[score("danger right now in the film").rules.level]).toBeUndefined();
  });

  it("takes the language that the caller states, and says und for a text without letters", () => {
    expect(score("hello there", { language: "sw-KE" }).language).toEqual({
      tag: "sw-KE",
      confidence: 1,
      supported: false,
    });
    expect(score("hello there", { language: "EN-gb" }).language.supported).toBe(true);
    expect(score("hello there").language.tag).toBe("en");
    expect(score("!! 42").language.tag).toBe("und");
  });

  it("reads a text of several segments and finds what stands in the last", () => {
    const words = Math.ceil((SEGMENT_BYTES / 5) * 3);
    const scored = score(`${"word ".repeat(words)}${DANGER}`);
    // Segments are cut at spaces, so that no word is cut in two.
    expect(scored.words).toBe(words + 1);
    expect(scored.scores?.urgency.immediate).toBeGreaterThan(0.3);
  });

  it("gives spans that are exactly the linear terms, in bytes of the original", () => {
    const text = `né ${DANGER}! ok ${CALM}`;
    const bytes = encoder.encode(text);
    const { spans = [] } = score(text, { spans: true });
    const words = spans.map(([start, end]) => new TextDecoder().decode(bytes.subarray(start, end)));
    expect(words).toEqual(["né", DANGER, "!", "ok", CALM]);
    const heavy = spans.map(([, , weight]) => weight);
    expect(heavy[1]).toBeGreaterThan(0);
    expect(heavy[4]).toBeLessThan(0);
    expect(heavy[0]).toBe(0);
    // The margin of the whole message: (60 + 60) / 2 from the one word, (-20 - 20) / 2 from the other, over root n.
    const ratio = heavy[1] / heavy[4];
    expect(ratio).toBeCloseTo(-3);
  });

  it("leaves nothing but tables in the memory of the kernel", () => {
    const { workspace, ...rest } = tinyPack([[wordHash(DANGER), weights({ 0: 60, 3: -60, 4: 40 })]]);
    const { tables, text } = workspace;
    createScorer({ ...rest, workspace }).score(encoder.encode(`${DANGER} naïve 中文 `.repeat(300)), 0, 5000, {
      spans: true,
    });
    for (const table of tables) table.fill(0);
    expect(new Uint8Array(text.bytes.buffer).some((byte) => byte !== 0)).toBe(false);
    expect(text.sources.some((source) => source !== 0)).toBe(false);
  });

  it("scores the same without the compiled kernel", () => {
    const plain = createScorer(tinyPack(ROWS, RULES, plainMemory));
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), fc.boolean(), (text, spans) => {
        const bytes = encoder.encode(`${text} ${DANGER} ${text} ${CALM}`);
        expect(plain.score(bytes, 0, bytes.length, { spans })).toEqual(scorer.score(bytes, 0, bytes.length, { spans }));
      }),
    );
  });

  it("gives the same again, whatever came before", () => {
    const anyBytes = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(anyBytes, anyBytes, (before, bytes) => {
        const first = createScorer(pack).score(bytes, 0, bytes.length);
        scorer.score(before, 0, before.length);
        expect(scorer.score(bytes, 0, bytes.length)).toEqual(first);
      }),
      { numRuns: 50 },
    );
  });
});
