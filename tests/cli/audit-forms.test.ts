import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { derivedForms } from "../../src/cli/audit-forms.js";
import { loadPack } from "../../src/model/pack.js";
import { FEATURES_PER_WORD, writeFeatures } from "../../src/text/features.js";
import { createNormalizedText, normalize } from "../../src/text/normalize.js";
import { readVocabulary } from "../../src/text/tokenize.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const shipped = loadPack();

function formsWith(blockWords: number) {
  return derivedForms({ manifest: { ...shipped.manifest, linear: { ...shipped.manifest.linear, blockWords } } });
}

describe("derivedForms", () => {
  it.each([
    ["HELP  me", "help me"],
    ["Über", "uber"],
    ["", ""],
  ])("normalises %o to %o", (text, expected) => {
    expect(decoder.decode(formsWith(16).normalise?.(encoder.encode(text)))).toBe(expected);
  });

  it("gives the features of all words, whatever the size of a block", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 200 }),
        fc.integer({ min: 1, max: 40 }),
        (text, blockWords) => {
          const bytes = encoder.encode(text);
          const normalised = createNormalizedText(bytes.length);
          normalize(bytes, 0, bytes.length, normalised);
          const whole = new Uint32Array(normalised.wordCount * FEATURES_PER_WORD);
          const count = writeFeatures(normalised, 0, normalised.wordCount, whole);
          const [features] = formsWith(blockWords).encoders ?? [];
          expect(features(bytes)).toEqual([...whole.subarray(0, count)]);
        },
      ),
    );
  });

  it("gives the pieces that the encoder of a pack reads", () => {
    const bytesOnly = Array.from({ length: 256 }, (_, byte) => [1, byte]).flat();
    const vocabulary = readVocabulary(Uint8Array.from([0, 0, 0, 0, ...bytesOnly, 3, 0x20, 0x61, 0x62]));
    const { encoders = [] } = derivedForms({ ...shipped, encoder: { graph: new Uint8Array(0), vocabulary } });
    expect(encoders).toHaveLength(2);
    expect(encoders[1](encoder.encode("Abc"))).toEqual([260, 4 + 0x63]);
  });
});
