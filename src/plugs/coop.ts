import { EarshotError } from "../errors.js";
import { CATEGORIES, type Category } from "../labels.js";
import { createTriage, type Triage } from "../triage.js";
import type { Assessment } from "../types.js";
import { COOP_MODEL_CARD } from "./coop-model-card.js";
import type { CoopManifest, CoopSignal, CoopSignalInput, CoopSignalResult } from "./coop-types.js";

/** What Coop shows about the integration. */
export const manifest: CoopManifest = Object.freeze({
  id: "EARSHOT",
  name: "Earshot",
  version: "0.1.0",
  description:
    "How urgently a person should look at a message, and which kind of harm it speaks of. Runs in this process.",
  requiresConfig: false,
  signalTypeIds: ["EARSHOT_PRIORITY", "EARSHOT_CATEGORY", "EARSHOT_REVIEW"],
  modelCard: COOP_MODEL_CARD,
});

/** What differs between the signals. */
type Part = Pick<
  CoopSignal,
  "displayName" | "description" | "recommendedThresholds" | "eligibleSubcategories" | "outputType"
> & {
  readonly type: string;
  score(assessment: Assessment, subcategory: string | undefined): number | boolean;
};

const PARTS: readonly Part[] = [
  {
    type: "EARSHOT_PRIORITY",
    displayName: "Earshot: urgency",
    description:
      "0 to 1, with phrase rules and every doubt in it: from 0.75 on immediate, from 0.5 urgent, from 0.25 soon. It orders, it is no probability.",
    // Not measured precision and recall: the bottoms of the two gravest levels.
    recommendedThresholds: { highPrecisionThreshold: 0.75, highRecallThreshold: 0.5 },
    eligibleSubcategories: [],
    outputType: { scalarType: "NUMBER" },
    score: ({ priority }) => priority,
  },
  {
    type: "EARSHOT_CATEGORY",
    displayName: "Earshot: kind of harm",
    description: "Probability that the text speaks of the kind of harm that the rule names as its subcategory.",
    recommendedThresholds: null,
    eligibleSubcategories: CATEGORIES.map((id) => ({ id, label: id, childrenIds: [] })),
    outputType: { scalarType: "NUMBER" },
    score: categoryScore,
  },
  {
    type: "EARSHOT_REVIEW",
    displayName: "Earshot: a person should look",
    description: "True when the scores are not to be relied on, as in an unknown language or without the model.",
    recommendedThresholds: null,
    eligibleSubcategories: [],
    outputType: { scalarType: "BOOLEAN" },
    score: ({ review }) => review.length > 0,
  },
];

let bundled: Promise<Triage> | undefined;

/** Scores with the bundled pack, policy and directory; set up at the first message, because Coop loads every plugin. */
async function assessBundled(text: string): Promise<Assessment> {
  bundled ??= createTriage();
  return (await bundled).assess(text);
}

/**
 * The signals, in the form that a Coop server asks for when it starts. In its integrations.config.json:
 *
 * ```json
 * { "integrations": [{ "package": "earshot/coop", "enabled": true }] }
 * ```
 *
 * A signal that cannot be computed throws an `EarshotError`, which Coop records as an error of the condition, never as a
 * low score. All languages are accepted, because Coop passes over a text whose language a signal does not list.
 *
 * @param assess scores a text in place of the bundled pack, for a module of one's own with another policy
 */
export function createSignals(
  context: { readonly integrationId: string },
  assess: (text: string) => Promise<Assessment> = assessBundled,
): readonly { readonly signalTypeId: string; readonly signal: CoopSignal }[] {
  return PARTS.map(({ type, score, ...part }) => ({
    signalTypeId: type,
    signal: {
      ...part,
      id: { type },
      docsUrl: null,
      supportedLanguages: "ALL",
      pricingStructure: { type: "FREE" },
      eligibleInputs: ["STRING"],
      getCost: () => 1,
      getDisabledInfo: async () => ({ disabled: false }),
      needsMatchingValues: false,
      needsActionPenalties: false,
      integration: context.integrationId,
      allowedInAutomatedRules: false,
      run: async (input: unknown): Promise<CoopSignalResult> => {
        const { value, subcategory } = input as CoopSignalInput;
        if (typeof value?.value !== "string") throw new EarshotError("INPUT_INVALID");
        return { outputType: part.outputType, score: score(await assess(value.value), subcategory) };
      },
    },
  }));
}

function categoryScore({ scores }: Assessment, subcategory: string | undefined): number {
  if (!CATEGORIES.some((category) => category === subcategory)) throw new EarshotError("INPUT_INVALID");
  if (scores === undefined) throw new EarshotError("RUNTIME_FAILED");
  return scores.categories[subcategory as Category];
}
