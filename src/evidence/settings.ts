import { URGENCIES } from "../labels.js";
import { DEFAULT_SECOND_LOOK } from "../policy/schema.js";
import type { Facts } from "./facts.js";
import { list, quoted, table, verbatim } from "./markdown.js";

/** Name under which manifests list the texts that were written for this project. */
const AUTHORED = "Earshot authored messages";
const MANIFEST = "manifest.json of the pack";

/** Who wrote the texts that the model learnt from, as far as the pack says it. */
export function whoWroteTheTexts({ manifest, pack, card }: Facts): string {
  const authored = manifest.trainingData.find(({ name }) => name === AUTHORED);
  if (authored === undefined)
    return `Who wrote and labelled the texts that ${pack} learnt from is for its maker to say; see ${cardName(card)}.`;
  return `**The ${authored.texts} texts that were labelled for the model were written and labelled by a language model. No
counsellor has reviewed them, and no real person's message is among them** (sources: ${MANIFEST} for the number; the model
card). Expect worse figures on real messages than on such texts.`;
}

/** Whether the pack learnt from the texts of this project. */
export function hasAuthoredTexts({ manifest }: Facts): boolean {
  return manifest.trainingData.some(({ name }) => name === AUTHORED);
}

/** What the model learnt from, and the languages that it knows. */
export function trainingSection(facts: Facts): string {
  const { manifest } = facts;
  const data = manifest.trainingData.map(({ name, licence, texts }) => [quoted(name), quoted(licence), `${texts}`]);
  const languages = manifest.languages.map(({ tag, trainingTexts, developmentTexts, kappa }) => [
    tag,
    `${trainingTexts}`,
    `${developmentTexts}`,
    kappa === null || developmentTexts === 0 ? "not measured" : `${kappa}`,
  ]);
  return `${whoWroteTheTexts(facts)}

${table(["data", "licence", "labelled texts"], data)}

${table(["language", "texts learnt from", "texts measured on", "quadratic kappa of the level, by the maker"], languages)}

Source of both: ${MANIFEST}. A message in any other language is marked \`LANGUAGE_UNSUPPORTED\` and raised to the level
that the policy names; it is not judged.`;
}

/** The two stages of the model, as the manifest describes them. */
export function architectureSection({ manifest }: Facts): string {
  const { encoder } = manifest;
  const second =
    encoder === undefined
      ? "This pack has no second stage."
      : `The second stage, an encoder (${quoted(encoder.file)}, a vocabulary of ${encoder.pieces} pieces, windows of
${encoder.windowPieces} pieces, at most ${encoder.maximumWindows} of them), reads the messages that the first does not
settle, if the policy allows it. A logistic regression for each label joins both.`;
  return `The first stage is a linear model over hashed words and parts of words. It looks at the whole message and, in longer
ones, at windows of ${manifest.linear.blocksPerWindow} blocks of ${manifest.linear.blockWords} words. ${second} Phrase
rules can raise a level and never lower one. The language is identified first. Nothing is generated: the output is a level,
a number that orders the queue, names of categories and circumstances, and codes that say why. Source: ${MANIFEST}.`;
}

/** How scores become levels: the thresholds and rules in force. */
export function policySection({ manifest, policy, policyName, policySource }: Facts): string {
  const thresholds = { ...manifest.thresholds.urgency, ...policy.urgencyThresholds };
  const { secondLook = DEFAULT_SECOND_LOOK } = policy;
  const own = Object.keys(policy.urgencyThresholds ?? {});
  const minimum = Object.entries(policy.minimumLevelByCategory).map(([category, level]) => `${category}: ${level}`);
  const review = Object.entries(policy.reviewLevels).map(([code, level]) => `\`${code}\`: ${level}`);
  return `Policy ${policyName} (${policySource}).

${table(
  ["level", "a person should have answered within (minutes)", "threshold on the probability"],
  URGENCIES.map((level) => [
    level,
    `${policy.respondWithinMinutes[level]}`,
    level === "routine" ? "what is left" : `${thresholds[level]} of this level or a graver one`,
  ]),
)}

${list([
  `A message is also ${"`urgent`"} when the probability of immediate reaches ${thresholds.doubt} and is at least ${thresholds.doubtRatio} times that of routine.`,
  `Thresholds of the policy itself: ${own.length === 0 ? "none, all are those of the pack" : own.join(", ")} .`,
  `Probabilities are ${policy.calibration === undefined ? "those of the pack" : "corrected by the policy (calibration)"}.`,
  `Never below a level when the category is found: ${minimum.join(", ") || "none"}.`,
  `Raised at least to a level when in doubt: ${review.join(", ")}.`,
  `Marked as doubtful: probability of immediate from ${policy.lowConfidence.immediate} below urgent; of urgent or graver from ${policy.lowConfidence.urgentOrGraver} at routine.`,
  secondLook === null
    ? "The second stage is switched off."
    : `Read by the second stage as well: soon or graver from ${secondLook.riskFrom}, immediate up to ${secondLook.immediateUpTo}.`,
])}

Sources: ${policySource}; thresholds that it leaves open: ${MANIFEST}.`;
}

/** The helplines that are suggested. */
export function directorySection({ directory }: Facts): string {
  const days = directory.entries.flatMap(({ verifiedOn }) => (verifiedOn === null ? [] : [verifiedOn])).sort();
  const age = days.length === 0 ? "none is dated" : `the oldest date of an entry is ${days[0]}`;
  return `Directory ${quoted(`${directory.name}@${directory.version}`)}: ${directory.entries.length} entries; ${age}. Its note:
${quoted(directory.note)} Source: the directory itself; \`earshot directory list\` shows the entries of a country.`;
}

/** The model card word for word, so that its figures keep their context. */
export function cardSection({ card, pack }: Facts): string {
  if (card === undefined)
    return `**Not given:** the folder of pack ${pack} has no MODEL_CARD.md. Ask its maker for the figures and their limits.`;
  return `The model card as it came with the pack. The figures in it are its maker's, made by the programs that it names.

${verbatim(card)}`;
}

function cardName(card: string | undefined): string {
  return card === undefined ? "its model card, which the folder of the pack does not hold" : "its model card";
}
