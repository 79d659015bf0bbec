/** Urgency levels, gravest first. LABELS in the model card says what each one means. */
export const URGENCIES = ["immediate", "urgent", "soon", "routine"] as const;
/** How soon a person should look. */
export type Urgency = (typeof URGENCIES)[number];

/** Categories of harm, in the order of the model's columns. */
export const CATEGORIES = [
  "suicide",
  "self_harm",
  "mental_health",
  "substance_use",
  "family_violence",
  "neglect",
  "sexual_violence",
  "online_sexual_exploitation",
  "bullying",
  "community_violence",
  "harmful_practices",
  "exploitation",
  "armed_conflict",
  "discrimination",
  "physical_health",
  "online_safety",
  "relationships",
  "education",
] as const;
/** A kind of harm that a text speaks of. */
export type Category = (typeof CATEGORIES)[number];

/** What a counsellor would want pointed out, in the order of the model's columns. */
export const SIGNALS = [
  "intent",
  "plan",
  "means",
  "now",
  "injury",
  "perpetrator_near",
  "threatened",
  "coerced_secrecy",
  "images",
  "hopeless",
  "alone",
  "young",
  "third_party",
  "past",
  "denied",
  "not_literal",
  "asks_help",
] as const;
/** A circumstance that the text itself says or plainly shows. */
export type Signal = (typeof SIGNALS)[number];

/** Why a person should look although the scores alone would not say so. */
export const REVIEW_CODES = [
  "LOW_CONFIDENCE",
  "LANGUAGE_UNKNOWN",
  "LANGUAGE_UNSUPPORTED",
  "TRUNCATED",
  "UNDECODABLE",
  "MODEL_UNAVAILABLE",
  "SECOND_LOOK_SKIPPED",
] as const;
/** Why a person should look although the scores alone would not say so. */
export type ReviewCode = (typeof REVIEW_CODES)[number];
