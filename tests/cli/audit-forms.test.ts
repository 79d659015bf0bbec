import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { derivedForms } from "../../src/cli/audit-forms.js";
import { FEATURES_PER_WORD, writeFeatures } from "../../src/text/features.js";
import { createNormalizedText, normalize } from "../../src/text/normalize.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

describe("derivedForms", () => {
  it.each([
    ["HELP  me", "help me"],
    ["Über", "uber"],
    ["", ""],
  ])("normalises %o to %o", (text, expected) => {
    expect(decoder.decode(derivedForms(16).normalise?.(encoder.encode(text)))).toBe(expected);
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
          const [features] = derivedForms(blockWords).encoders ?? [];
          expect(features(bytes)).toEqual([...whole.subarray(0, count)]);
        },
      ),
    );
  });
});
