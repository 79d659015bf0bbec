import type { DerivedForms } from "../audit/patterns.js";
import { FEATURES_PER_WORD, writeFeatures } from "../text/features.js";
import { createNormalizedText, type NormalizedText, normalize } from "../text/normalize.js";

/**
 * What the scorer makes of a message, so that an audit can look for it: the normalised bytes, and the features in the
 * order in which they are stored.
 *
 * @param blockWords words whose features are stored at a time, as the manifest of the pack says
 */
export function derivedForms(blockWords: number): DerivedForms {
  return { normalise, encoders: [(bytes) => features(bytes, blockWords)] };
}

function read(bytes: Uint8Array): NormalizedText {
  const text = createNormalizedText(bytes.length);
  normalize(bytes, 0, bytes.length, text);
  return text;
}

function normalise(bytes: Uint8Array): Uint8Array {
  const text = read(bytes);
  return text.bytes.slice(0, text.length);
}

function features(bytes: Uint8Array, blockWords: number): readonly number[] {
  const text = read(bytes);
  const block = new Uint32Array(blockWords * FEATURES_PER_WORD);
  const all: number[] = [];
  for (let first = 0; first < text.wordCount; first += blockWords) {
    const count = writeFeatures(text, first, Math.min(first + blockWords, text.wordCount), block);
    for (const feature of block.subarray(0, count)) all.push(feature);
  }
  return all;
}
