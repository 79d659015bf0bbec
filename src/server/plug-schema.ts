import * as z from "zod";
import type { AseloSuggestion } from "../plugs/aselo.js";
import type { ChatwootAnswer } from "../plugs/chatwoot.js";
import { ANSWERED_ATTRIBUTES } from "../plugs/perspective-attributes.js";
import { REVIEW_CODE, URGENCY } from "./assessment-schema.js";
import { component, named } from "./component.js";

// What another system sends may hold more than is read of it, so these requests are only described as far as they are read.

/** What a client of the Perspective API sends. */
export const PERSPECTIVE_REQUEST: z.ZodType = named(
  "PerspectiveRequest",
  "AnalyzeComment of the Perspective API, as far as it is read. Its own attributes are refused by name, because they ask " +
    `something else. Answered are: ${[...ANSWERED_ATTRIBUTES.keys()].join(", ")}. Nothing is stored, whatever \`doNotStore\` says.`,
  z.looseObject({
    comment: z.looseObject({ text: z.string().describe("The message."), type: z.string().nullish() }),
    requestedAttributes: z
      .record(z.string(), z.looseObject({ scoreType: z.string().nullish(), scoreThreshold: z.number().nullish() }))
      .describe("Names of attributes, each with an object that may be empty."),
    languages: z.array(z.string()).nullish(),
    spanAnnotations: z.boolean().nullish(),
    clientToken: z.string().nullish(),
  }),
);

const score = z.object({ value: z.number().min(0).max(1), type: z.literal("PROBABILITY") });

/** What such a client gets. */
export const PERSPECTIVE_ANSWER: z.ZodType = named(
  "PerspectiveAnswer",
  "Scores by attribute. They are those of another model: no threshold that was tuned for Perspective carries over.",
  z.object({
    attributeScores: z.record(
      z.string(),
      z.object({
        summaryScore: score,
        spanScores: z.array(z.object({ begin: z.int().min(0), end: z.int().min(0), score })).exactOptional(),
      }),
    ),
    languages: z.array(z.string()),
    detectedLanguages: z.array(z.string()).exactOptional(),
    clientToken: z.string().exactOptional(),
  }),
);

/** What such a client gets when its request cannot be answered. */
export const PERSPECTIVE_ERROR: z.ZodType = named(
  "PerspectiveError",
  "An error in the form of the Perspective API.",
  z.object({
    error: z.object({
      code: z.int(),
      message: z.string(),
      status: z.string(),
      details: z.array(z.looseObject({ "@type": z.string(), errorType: z.string() })).exactOptional(),
    }),
  }),
);

/** What Aselo gets. */
export const ASELO_SUGGESTION: z.ZodType<AseloSuggestion> = component<AseloSuggestion>()(
  "AseloSuggestion",
  "A suggestion for a counsellor's form and for the router, in terms of Child Helpline International.",
  z.object({
    categories: z.record(z.string(), z.array(z.string())).describe("Main category to subcategories."),
    priority: z
      .number()
      .describe("30 `immediate`, 20 `urgent`, 10 `soon`, 0 `routine`; a higher one is assigned first."),
    urgency: URGENCY,
    respondWithinMinutes: z.number().min(0),
    review: z.array(REVIEW_CODE),
  }),
);

/** What Chatwoot sends. */
export const CHATWOOT_EVENT: z.ZodType = named(
  "ChatwootEvent",
  "The event `message_created` of a webhook, as far as it is read.",
  z.looseObject({
    event: z.string(),
    content: z.string().nullish().describe("The message; null when it is only an attachment."),
    message_type: z.string().nullish().describe("Only `incoming` is scored."),
    private: z.boolean().nullish(),
    account: z.looseObject({ id: z.int() }).nullish(),
    conversation: z
      .looseObject({ id: z.int(), priority: z.string().nullish(), labels: z.array(z.string()).nullish() })
      .nullish(),
  }),
);

const priority = z.enum(["none", "low", "medium", "high", "urgent"]);

/** What a relay does about it. */
export const CHATWOOT_ANSWER: z.ZodType<ChatwootAnswer> = component<ChatwootAnswer>()(
  "ChatwootAnswer",
  "What a relay between Chatwoot and this service is to do about one event. Priority and labels never become fewer.",
  z.object({
    decision: z
      .enum(["assessed", "unread", "ignored"])
      .describe("`unread`: there is no text, and a person has to look. `ignored`: no message of who asks for help."),
    priority: priority.exactOptional(),
    labels: z.array(z.string()).exactOptional(),
    requests: z
      .array(
        z.object({
          method: z.literal("POST"),
          path: z.string(),
          body: z.union([z.object({ priority }), z.object({ labels: z.array(z.string()) })]),
        }),
      )
      .describe("Calls of Chatwoot's API to make, in this order; empty when nothing changes."),
  }),
);
