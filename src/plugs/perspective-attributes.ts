import { CATEGORIES, type Category } from "../labels.js";
import type { Assessment, Scores } from "../types.js";

/**
 * Attributes of Perspective, none of which is answered. They say what a comment does to those who read it, while Earshot
 * says what the person in a message lives through: "they call me names every day" is bullying there and no insult here.
 * On public sets labelled for threats and for hate, the closest scores of Earshot ranked texts no better than chance.
 *
 * From conversationai/perspectiveapi, 2-api/models.md, read on 2026-11-22.
 */
const VARIANTS = ["SEVERE_TOXICITY", "IDENTITY_ATTACK", "INSULT", "PROFANITY", "THREAT", "TOXICITY"];
export const REFUSED_ATTRIBUTES: readonly string[] = Object.freeze([
  ...VARIANTS,
  ...VARIANTS.map((name) => `${name}_EXPERIMENTAL`),
  "TOXICITY_FAST",
  "SEXUALLY_EXPLICIT",
  "FLIRTATION",
  "ATTACK_ON_AUTHOR",
  "ATTACK_ON_COMMENTER",
  "INCOHERENT",
  "INFLAMMATORY",
  "LIKELY_TO_REJECT",
  "OBSCENE",
  "SPAM",
  "UNSUBSTANTIAL",
]);

/** Value in [0, 1]; undefined when the model could not run. */
type AttributeValue = (assessment: Assessment) => number | undefined;

const fromScores =
  (value: (scores: Scores) => number): AttributeValue =>
  ({ scores }) =>
    scores && Math.min(value(scores), 1);

/**
 * What Earshot answers in the form of a Perspective attribute, by name.
 *
 * - `EARSHOT_PRIORITY`: the place in the queue, from 0.75 on `immediate`, from 0.5 `urgent`, from 0.25 `soon`. The one to
 *   rely on, because phrase rules and every doubt are in it too. It orders, it is no probability.
 * - `EARSHOT_REVIEW`: 1 when a person should look whatever the scores say, else 0.
 * - `EARSHOT_IMMEDIATE`, `EARSHOT_URGENT_OR_GRAVER`, `EARSHOT_SOON_OR_GRAVER`: probability of the level or a graver one.
 * - `EARSHOT_` and a category in capitals, as `EARSHOT_SELF_HARM`: probability that the text speaks of it.
 */
export const ANSWERED_ATTRIBUTES: ReadonlyMap<string, AttributeValue> = new Map<string, AttributeValue>([
  ["EARSHOT_PRIORITY", ({ priority }) => priority],
  ["EARSHOT_REVIEW", ({ review }) => (review.length > 0 ? 1 : 0)],
  ["EARSHOT_IMMEDIATE", fromScores(({ urgency }) => urgency.immediate)],
  ["EARSHOT_URGENT_OR_GRAVER", fromScores(({ urgency }) => urgency.immediate + urgency.urgent)],
  ["EARSHOT_SOON_OR_GRAVER", fromScores(({ urgency }) => urgency.immediate + urgency.urgent + urgency.soon)],
  ...CATEGORIES.map((category: Category): [string, AttributeValue] => [
    `EARSHOT_${category.toUpperCase()}`,
    fromScores(({ categories }) => categories[category]),
  ]),
]);
