import type { DetectedLanguage } from "../types.js";
import type { Manifest } from "./manifest.js";

/** No language could be told: a message without letters. */
export const UNDETERMINED: DetectedLanguage = { tag: "und", confidence: 0, supported: false };

/**
 * The likeliest language. A message counts as supported when the languages with risk data are together likely enough:
 * near relatives (Spanish and Galician, Indonesian and Malay) share most of a short message.
 *
 * @param logits one per tag of the manifest
 */
export function toLanguage(logits: Float64Array, manifest: Manifest): DetectedLanguage {
  const { tags, supportedFrom, calibration } = manifest.language;
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < tags.length; i += 1) highest = Math.max(highest, logits[i]);
  let sum = 0;
  let supported = 0;
  let best = 0;
  for (let i = 0; i < tags.length; i += 1) {
    const share = Math.exp((logits[i] - highest) * calibration.scale);
    sum += share;
    if (isSupported(tags[i], manifest)) supported += share;
    if (logits[i] > logits[best]) best = i;
  }
  const isInSupported = supported / sum >= supportedFrom;
  // A tag without risk data beside `supported: true` would contradict itself: name the likeliest of the supported ones.
  if (isInSupported && !isSupported(tags[best], manifest)) {
    best = -1;
    for (let i = 0; i < tags.length; i += 1)
      if (isSupported(tags[i], manifest) && (best < 0 || logits[i] > logits[best])) best = i;
  }
  const confidence = Math.exp((logits[best] - highest) * calibration.scale) / sum;
  return { tag: tags[best], confidence, supported: isInSupported };
}

/** The language that the caller stated. */
export function statedLanguage(tag: string, manifest: Manifest): DetectedLanguage {
  return { tag, confidence: 1, supported: isSupported(tag, manifest) };
}

/** Whether the pack has risk data in a language; `sw-KE` counts as `sw`. */
function isSupported(tag: string, manifest: Manifest): boolean {
  const primary = tag.split("-", 1)[0].toLowerCase();
  return manifest.languages.some((language) => language.tag === primary);
}
