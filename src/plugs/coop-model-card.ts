import type { CoopManifest, CoopModelCardSection } from "./coop-types.js";

/** The seven sections that Coop asks of an integration (types/integration.ts), in the words of the pack's MODEL_CARD.md. */
const SECTIONS: readonly CoopModelCardSection[] = [
  section("trainingData", "Training data", {
    Messages:
      "40,273 messages in 15 languages, written and labelled for this project by a language model that followed the label guide. No counsellor has reviewed them and no real person's message is among them.",
    "Open collections": "Pre-training and everyday talk; sources and licences are listed in the pack's model card.",
  }),
  section("policyAndTaxonomy", "Policy and taxonomy", {
    Urgency:
      "immediate (somebody may die or be gravely harmed within hours), urgent (grave harm is ongoing or likely within days), soon (real harm or distress that needs a person within days), routine.",
    Categories:
      "18 kinds of harm, mapped to Child Helpline International, the 5Cs of online risk and MLCommons hazards.",
    Scope: "Danger to the person in a message. Not toxicity, and no measure of whether a rule was broken.",
  }),
  section("annotationMethodology", "Annotation", {
    Labels: "One label per text, by its writer. A second reader of the same kind labelled 600 random lines blind.",
    "Agreement on urgency": "Same level 0.938, quadratic kappa 0.967 [0.949, 0.980]. People were not asked yet.",
  }),
  section("performanceBenchmarks", "Benchmarks", {
    "Held-out lines, default policy, n=3300":
      "Immediate texts put at soon or routine: 0.070 [0.051, 0.088]. Routine texts put at urgent or above: 0.110 [0.092, 0.130]. AUROC of immediate: 0.939 [0.928, 0.949].",
    Reading: "These figures are optimistic: settings were chosen on the same development lines.",
  }),
  section("biasAndLimitations", "Bias and limits", {
    Understatement: "Understated danger is overlooked more often than plain words.",
    Languages:
      "Languages other than English have fewer texts and do worse; dialects and romanised spelling worse still. A message in an unknown language never ends below the policy's review level.",
    Groups: "Swapping the group that a sentence speaks of moves the level in some sets.",
    Form: "Sarcasm, quotation, role play and fiction are often taken at their word; one clause of danger in a long message is found least.",
  }),
  section("implementationGuidance", "Implementation guidance", {
    Use: "Order a queue that people work through. Do not close, answer, remove or report anything because of a score: the signals are for routing to review, not for automated rules.",
    Thresholds:
      "EARSHOT_PRIORITY from 0.75 on is immediate, from 0.5 urgent, from 0.25 soon. Route EARSHOT_REVIEW = true to a person as well.",
    Privacy:
      "Scoring opens no connection and writes no file. Coop itself holds the text as strings, so that what Earshot says of its own process does not hold for Coop's.",
  }),
  section("relevantLinks", "Links", {
    "Model card": "models/packs/base/MODEL_CARD.md in the package earshot",
    "What is kept and what is not": "SECURITY.md of the project",
  }),
];

/** The card as Coop shows it. The version is that of the bundled model pack. */
export const COOP_MODEL_CARD: CoopManifest["modelCard"] = Object.freeze({
  modelName: "Earshot base",
  version: "0.2.0",
  sections: SECTIONS,
});

function section(id: string, title: string, fields: Readonly<Record<string, string>>): CoopModelCardSection {
  return { id, title, fields: Object.entries(fields).map(([label, value]) => ({ label, value })) };
}
