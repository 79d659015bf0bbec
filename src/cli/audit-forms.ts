import type { DerivedForms } from "../audit/patterns.js";
import type { Pack } from "../model/pack.js";
import { FEATURES_PER_WORD, writeFeatures } from "../text/features.js";
import { createNormalizedText, type NormalizedText, normalize } from "../text/normalize.js";
import { tokenize, type Vocabulary } from "../text/tokenize.js";

/**
 * What a pack makes of a message, so that an audit can look for it: the normalised bytes, the features and the pieces,
 * both in the order in which they are stored.
 */
export function derivedForms({ manifest, encoder }: Pick<Pack, "manifest" | "encoder">): DerivedForms {
  const encoders = [(bytes: Uint8Array) => features(bytes, manifest.linear.blockWords)];
  if (encoder !== undefined) encoders.push((bytes) => pieces(bytes, encoder.vocabulary));
  return { normalise, encoders };
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

function pieces(bytes: Uint8Array, vocabulary: Vocabulary): readonly number[] {
  const text = read(bytes);
  // A piece is a byte at least, and the first may hold the space before it.
  const ids = new Int32Array(text.length + 1);
  return [...ids.subarray(0, tokenize(vocabulary, text.bytes, 0, text.length, ids))];
}
