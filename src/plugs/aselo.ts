import type { Urgency } from "../labels.js";
import { readJsonLine } from "../text/json-line.js";
import type { Assessment } from "../types.js";
import type { PlugRoute } from "./plug.js";

/**
 * What a counsellor's form and the router can be filled with before the counsellor looks. Names are those of the
 * default form of Child Helpline International's categories; where a helpline's own form words a subcategory otherwise,
 * the main category still holds. A suggestion: the counsellor decides what is recorded.
 *
 * Read on 2026-11-22: `categories` as in techmatters/hrm, packages/types/HrmTypes/Contact.ts (`ContactRawJson`);
 * `priority` as of a Twilio TaskRouter task, an integer from 0 to 2^31 - 1 (twilio/twilio-go,
 * rest/taskrouter/v1/docs/WorkspacesTasksApi.md); a higher one is always assigned first, of equal ones the oldest
 * (twilio.com/docs/taskrouter/api/task-queue).
 */
export interface AseloSuggestion {
  /** Main category to subcategories. */
  readonly categories: Readonly<Record<string, readonly string[]>>;
  /** 30 `immediate`, 20 `urgent`, 10 `soon`, 0 `routine`; the gaps leave room for a workflow that raises whoever waits. */
  readonly priority: number;
  readonly urgency: Urgency;
  readonly respondWithinMinutes: number;
  /** Why a person should look anyway. */
  readonly review: Assessment["review"];
}

const PRIORITIES: Readonly<Record<Urgency, number>> = { immediate: 30, urgent: 20, soon: 10, routine: 0 };

/**
 * Puts an assessment in the terms of Aselo.
 *
 * ```ts
 * const { categories, priority } = aseloSuggestion(await triage.assess(bytes));
 * await client.taskrouter.v1.workspaces(workspace).tasks.create({ priority, attributes, workflowSid });
 * ```
 */
export function aseloSuggestion(assessment: Assessment): AseloSuggestion {
  const categories: Record<string, string[]> = {};
  for (const { childHelplineInternational } of assessment.standards.categories) {
    const { category, subcategory } = childHelplineInternational;
    categories[category] ??= [];
    if (!categories[category].includes(subcategory)) categories[category].push(subcategory);
  }
  const { urgency, respondWithinMinutes, review } = assessment;
  return { categories, priority: PRIORITIES[urgency], urgency, respondWithinMinutes, review };
}

/** Takes one object as a line of `earshot score` and answers with an `AseloSuggestion`. */
export const aseloRoute: PlugRoute = Object.freeze<PlugRoute>({
  method: "POST",
  path: "/v1/plugs/aselo",
  async handle(body, length, services) {
    const text = new Uint8Array(length);
    try {
      const { fields, textLength } = readJsonLine(body, 0, length, false, text);
      const { id, language, country, age } = fields;
      const assessment = await services.assess(text.subarray(0, textLength), {
        ...(id !== undefined && { id }),
        ...(language !== undefined && { language }),
        ...(country !== undefined && { country }),
        ...(age !== undefined && { age }),
      });
      return { status: 200, body: aseloSuggestion(assessment) };
    } finally {
      text.fill(0);
    }
  },
});
