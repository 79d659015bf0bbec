import type { Urgency } from "../labels.js";
import { primaryLanguage } from "./languages.js";
import bundled from "./messages.json" with { type: "json" };
import type { AgeBand, OwnReferralMessages, ReferralMessages } from "./schema.js";

/** The bundled words, which go with a list of referrals. Written by a language model; no native speaker has reviewed them. */
export const BUNDLED_MESSAGES: ReferralMessages = bundled.messages;

/** Words to show a person above the services, and the BCP 47 tag of their language. */
export interface ReferralText {
  readonly text: string;
  /** English (`en`) when nothing is there in the wanted language. */
  readonly language: string;
}

/**
 * The words that go with a list of referrals. They say only that there is somebody to reach, and how soon to.
 *
 * @param age years of the person who reads it; without it the words are those for adults, which are as plain
 * @param language BCP 47 tag; its first part is enough
 * @param own words of the operator, which come first; `ReferralDirectory.messages` of a loaded directory
 */
export function referralMessage(
  level: Urgency,
  age: number | undefined,
  language: string,
  own: OwnReferralMessages = {},
): ReferralText {
  const band = ageBand(age);
  for (const tag of [language, primaryLanguage(language), "en"]) {
    for (const messages of [own, BUNDLED_MESSAGES]) {
      const found = Object.keys(messages).find((known) => known.toLowerCase() === tag.toLowerCase());
      const text = found === undefined ? undefined : messages[found]?.[level]?.[band];
      if (found !== undefined && text !== undefined) return { text, language: found };
    }
  }
  // The bundled words have every level and age in English, which a test checks.
  return { text: BUNDLED_MESSAGES.en[level][band], language: "en" };
}

function ageBand(age: number | undefined): AgeBand {
  if (age === undefined || age >= 18) return "adult";
  if (age >= 13) return "from13";
  return age >= 9 ? "from9" : "under9";
}
