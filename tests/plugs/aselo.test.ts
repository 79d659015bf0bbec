import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { EarshotError } from "../../src/errors.js";
import { CATEGORIES, URGENCIES } from "../../src/labels.js";
import { type AseloSuggestion, aseloRoute, aseloSuggestion } from "../../src/plugs/aselo.js";
import { CATEGORY_STANDARDS } from "../../src/policy/standards.js";
import { assessmentOf, bodyOf, servicesWith } from "./support.js";

/** `ContactRawJson.categories` and the priority of a TaskRouter task, as stated in src/plugs/aselo.ts. */
const SCHEMA = z.object({
  categories: z.record(z.string().min(1), z.array(z.string().min(1)).min(1)),
  priority: z
    .int()
    .min(0)
    .max(2 ** 31 - 1),
});

describe("aseloSuggestion", () => {
  it("names main categories and subcategories once each", () => {
    const { categories } = aseloSuggestion(
      assessmentOf("immediate", {
        categories: ["suicide", "family_violence", "community_violence", "bullying", "mental_health"],
      }),
    );
    expect(categories).toEqual({
      "Mental Health": ["Suicidal thoughts and suicide attempts", "Unspecified/Other"],
      Violence: ["Unspecified/Other", "Bullying"],
    });
  });

  it("is a graver priority for a graver level, and nothing but the level moves it", () => {
    const priorities = URGENCIES.map((urgency) => aseloSuggestion(assessmentOf(urgency)).priority);
    expect(priorities).toEqual([30, 20, 10, 0]);
  });

  it("fits their types and leaves no category out, whatever was found", () => {
    fc.assert(
      fc.property(fc.subarray([...CATEGORIES]), fc.constantFrom(...URGENCIES), (categories, urgency) => {
        const suggestion = aseloSuggestion(assessmentOf(urgency, { categories }));
        expect(SCHEMA.safeParse(suggestion).success).toBe(true);
        for (const category of categories) {
          const { category: main, subcategory } = CATEGORY_STANDARDS[category].childHelplineInternational;
          expect(suggestion.categories[main].filter((name) => name === subcategory)).toHaveLength(1);
        }
      }),
    );
  });
});

describe("POST /v1/plugs/aselo", () => {
  it("reads a line, answers with the suggestion and wipes its copy of the text", async () => {
    const services = servicesWith(assessmentOf("soon", { review: ["LANGUAGE_UNKNOWN"] }));
    const { body, length } = bodyOf({ text: "h\u00e9llo", id: "7", language: "sw", country: "ke", age: 14, at: 3 });
    const { status, body: answered } = await aseloRoute.handle(body, length, services);
    expect(status).toBe(200);
    expect(answered).toEqual<AseloSuggestion>({
      categories: {},
      priority: 10,
      urgency: "soon",
      respondWithinMinutes: 5,
      review: ["LANGUAGE_UNKNOWN"],
    });
    expect(services.calls).toMatchObject([
      { text: "h\u00e9llo", options: { id: "7", language: "sw", country: "KE", age: 14 } },
    ]);
    expect(services.calls[0].bytes.every((byte) => byte === 0)).toBe(true);
  });

  it("wipes its copy when scoring fails, and passes the failure on", async () => {
    const services = servicesWith(new EarshotError("POOL_FULL"));
    const { body, length } = bodyOf({ text: "hello" });
    await expect(aseloRoute.handle(body, length, services)).rejects.toMatchObject({ code: "POOL_FULL" });
    expect(services.calls[0].bytes.every((byte) => byte === 0)).toBe(true);
  });

  it("scores nothing of a body that it cannot read", async () => {
    const services = servicesWith(assessmentOf("soon"));
    const { body, length } = bodyOf('{"text":"a","age":"x"}');
    await expect(aseloRoute.handle(body, length, services)).rejects.toMatchObject({ code: "FIELD_INVALID" });
    expect(services.calls).toEqual([]);
  });
});
