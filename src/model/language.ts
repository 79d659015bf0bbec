import type { DetectedLanguage } from "../types.js";
import type { Manifest } from "./manifest.js";

/** No language could be told: a message without letters. */
export const UNDETERMINED: DetectedLanguage = { tag: "und", confidence: 0, supported: false };

/** Names languages and says whether the pack has risk data in them. */
export interface Languages {
  /** The likeliest language by the logits of the language model, one per tag of the manifest. */
  fromLogits(logits: Float64Array): DetectedLanguage;
  /** The language that the caller states, as a BCP 47 tag; `sw-KE` counts as `sw`. */
  stated(tag: string): DetectedLanguage;
}

/**
 * Prepares the languages of a pack. A message counts as supported when the languages with risk data are together likely
 * enough: near relatives (Spanish and Galician, Indonesian and Malay) share most of a short message.
 */
export function createLanguages(manifest: Manifest): Languages {
  const { tags, supportedFrom, calibration } = manifest.language;
  const known = new Set(manifest.languages.map(({ tag }) => tag));
  const isSupported = (tag: string): boolean => known.has(tag.split("-", 1)[0].toLowerCase());
  const supported = tags.map(isSupported);
  const shares = new Float64Array(tags.length);

  const fromLogits = (logits: Float64Array): DetectedLanguage => {
    let highest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < shares.length; i += 1) highest = Math.max(highest, logits[i]);
    let sum = 0;
    let supportedSum = 0;
    for (let i = 0; i < shares.length; i += 1) {
      shares[i] = Math.exp((logits[i] - highest) * calibration.scale);
      sum += shares[i];
      if (supported[i]) supportedSum += shares[i];
    }
    const isIn = supportedSum >= supportedFrom * sum;
    // A tag without risk data beside `supported: true` would contradict itself: name the likeliest on the same side.
    let best = -1;
    for (let i = 0; i < shares.length; i += 1)
      if (supported[i] === isIn && (best < 0 || shares[i] > shares[best])) best = i;
    const confidence = shares[best] / sum;
    shares.fill(0);
    return { tag: tags[best], confidence, supported: isIn };
  };

  return { fromLogits, stated: (tag) => ({ tag, confidence: 1, supported: isSupported(tag) }) };
}
