import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { CATEGORIES } from "../../src/labels.js";
import { createSignals, manifest } from "../../src/plugs/coop.js";
import { assessmentOf } from "./support.js";

const ROOT = join(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** `REQUIRED_MODEL_CARD_SECTION_IDS` of roostorg/coop, types/integration.ts, read on 2026-11-22. */
const REQUIRED_SECTIONS = [
  "trainingData",
  "policyAndTaxonomy",
  "annotationMethodology",
  "performanceBenchmarks",
  "biasAndLimitations",
  "implementationGuidance",
  "relevantLinks",
];

/** `IntegrationManifest` of the same file, every field that Coop requires or reads. */
const MANIFEST = z.strictObject({
  id: z.string().regex(/^[A-Z][A-Z0-9_]*$/),
  name: z.string().min(1),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  description: z.string().optional(),
  docsUrl: z.string().optional(),
  requiresConfig: z.boolean(),
  signalTypeIds: z.array(z.string()).optional(),
  modelCard: z.strictObject({
    modelName: z.string().min(1),
    version: z.string().min(1),
    releaseDate: z.string().optional(),
    sections: z.array(
      z.strictObject({
        id: z.string(),
        title: z.string(),
        fields: z.array(z.strictObject({ label: z.string().min(1), value: z.string().min(1) })).min(1),
      }),
    ),
  }),
});

const FUNCTION = z.custom((value) => typeof value === "function");

/** `PluginSignalDescriptor` of the same file; the scalar types are those that Coop knows. */
const SIGNAL = z.strictObject({
  id: z.strictObject({ type: z.string() }),
  displayName: z.string().min(1),
  description: z.string().min(1),
  docsUrl: z.string().nullable(),
  recommendedThresholds: z
    .strictObject({
      highPrecisionThreshold: z.union([z.string(), z.number()]),
      highRecallThreshold: z.union([z.string(), z.number()]),
    })
    .nullable(),
  supportedLanguages: z.union([z.literal("ALL"), z.array(z.string())]),
  pricingStructure: z.strictObject({ type: z.enum(["FREE", "SUBSCRIPTION"]) }),
  eligibleInputs: z.array(z.enum(["STRING", "FULL_ITEM"])).min(1),
  outputType: z.strictObject({ scalarType: z.enum(["NUMBER", "BOOLEAN", "STRING"]) }),
  getCost: FUNCTION,
  run: FUNCTION,
  getDisabledInfo: FUNCTION,
  needsMatchingValues: z.boolean(),
  eligibleSubcategories: z.array(
    z.strictObject({
      id: z.string(),
      label: z.string(),
      description: z.string().optional(),
      childrenIds: z.array(z.string()),
    }),
  ),
  needsActionPenalties: z.boolean(),
  integration: z.string(),
  allowedInAutomatedRules: z.boolean(),
});

const context = { integrationId: "EARSHOT", getCredential: async () => ({}) };
const found = assessmentOf("urgent", { categories: ["bullying"], review: ["TRUNCATED"] });
const input = (value: unknown, subcategory?: string) => ({
  value: { type: "STRING", value },
  matchingValues: undefined,
  actionPenalties: undefined,
  orgId: "org",
  ...(subcategory !== undefined && { subcategory }),
});
const signal = (type: string, assessment = found) =>
  createSignals(context, async () => assessment).find(({ signalTypeId }) => signalTypeId === type)
    ?.signal as ReturnType<typeof createSignals>[number]["signal"];

describe("the manifest for Coop", () => {
  it("fits their contract", () => {
    expect(MANIFEST.safeParse(manifest).error).toBeUndefined();
    expect(manifest.modelCard.sections.map(({ id }) => id)).toEqual(REQUIRED_SECTIONS);
  });

  it("has the versions of the package and of the bundled pack", () => {
    expect(manifest.version).toBe(JSON.parse(read("package.json")).version);
    expect(manifest.modelCard.version).toBe(JSON.parse(read("models/packs/base/manifest.json")).version);
  });

  it("quotes no figure that the pack's own card does not have", () => {
    const card = read("models/packs/base/MODEL_CARD.md");
    const values = manifest.modelCard.sections
      .filter(({ id }) => id !== "implementationGuidance")
      .flatMap(({ fields }) => fields.map(({ value }) => value));
    const figures = values.flatMap((value) => value.match(/\d+\.\d{3}(?: \[[^\]]+\])?|\d{2},\d{3}/g) ?? []);
    expect(figures.length).toBeGreaterThan(5);
    for (const figure of figures) expect(card).toContain(figure);
  });
});

describe("the signals for Coop", () => {
  it("fit their contract, one for each id of the manifest", () => {
    const signals = createSignals(context, async () => found);
    expect(signals.map(({ signalTypeId }) => signalTypeId)).toEqual(manifest.signalTypeIds);
    for (const { signalTypeId, signal: descriptor } of signals) {
      expect(SIGNAL.safeParse(descriptor).error).toBeUndefined();
      expect(descriptor.id.type).toBe(signalTypeId);
      expect(descriptor.integration).toBe("EARSHOT");
    }
  });

  it("are for routing to people, never for an automated rule, and in no language passed over", async () => {
    for (const { signal: descriptor } of createSignals(context)) {
      expect(descriptor.allowedInAutomatedRules).toBe(false);
      expect(descriptor.supportedLanguages).toBe("ALL");
      expect(await descriptor.getDisabledInfo("org")).toEqual({ disabled: false });
    }
  });

  it.each([
    ["EARSHOT_PRIORITY", undefined, "NUMBER", found.priority],
    ["EARSHOT_CATEGORY", "bullying", "NUMBER", 0.9],
    ["EARSHOT_CATEGORY", "suicide", "NUMBER", 0],
    ["EARSHOT_REVIEW", undefined, "BOOLEAN", true],
  ])("%s of %s is a %s", async (type, subcategory, scalarType, score) => {
    expect(await signal(type).run(input("hello", subcategory))).toEqual({ outputType: { scalarType }, score });
  });

  it.each<[string, string, unknown, string]>([
    ["a text that is none", "EARSHOT_PRIORITY", input(7), "INPUT_INVALID"],
    ["no value", "EARSHOT_PRIORITY", {}, "INPUT_INVALID"],
    ["no category", "EARSHOT_CATEGORY", input("hello"), "INPUT_INVALID"],
    ["an unknown category", "EARSHOT_CATEGORY", input("hello", "toxicity"), "INPUT_INVALID"],
  ])("throw on %s", async (_, type, given, code) => {
    await expect(signal(type).run(given)).rejects.toMatchObject({ code });
  });

  it("give no score for a category when the model could not run, but still the place in the queue", async () => {
    const unscored = assessmentOf("soon", { withScores: false, review: ["MODEL_UNAVAILABLE"] });
    const run = (type: string) => signal(type, unscored).run(input("hello", "suicide"));
    await expect(run("EARSHOT_CATEGORY")).rejects.toMatchObject({ code: "RUNTIME_FAILED" });
    expect(await run("EARSHOT_PRIORITY")).toMatchObject({ score: unscored.priority });
    expect(await run("EARSHOT_REVIEW")).toMatchObject({ score: true });
  });

  it("name every category for the rule builder", () => {
    expect(signal("EARSHOT_CATEGORY").eligibleSubcategories.map(({ id }) => id)).toEqual([...CATEGORIES]);
  });
});

describe("the built module", () => {
  it("is found and loaded as Coop does it, and scores with the bundled pack", async () => {
    // server/services/integrationRegistry/loadPlugins.ts: require, then `default` or the module itself.
    const load = createRequire(join(ROOT, "package.json"));
    const loaded = load("earshot/coop");
    const plugin = loaded.default ?? loaded;
    expect(plugin.manifest).toEqual(manifest);
    const [{ signal: urgency }] = plugin.createSignals(context);
    const score = async (text: string): Promise<number> => (await urgency.run(input(text))).score;
    expect(await score("he is at the door with a knife, please help me now")).toBeGreaterThanOrEqual(0.75);
    expect(await score("thank you, see you tomorrow")).toBeLessThan(0.25);
  });
});
