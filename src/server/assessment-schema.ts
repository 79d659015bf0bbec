import * as z from "zod";
import {
  CATEGORIES,
  type Category,
  REVIEW_CODES,
  type ReviewCode,
  SIGNALS,
  type Signal,
  URGENCIES,
  type Urgency,
} from "../labels.js";
import type {
  Assessment,
  CategoryCodes,
  Coverage,
  DetectedLanguage,
  Reason,
  Scores,
  Span,
  SpeakerTrend,
  StandardCodes,
  Trend,
} from "../types.js";
import { component } from "./component.js";
import { REFERRAL, REFERRAL_NOTICE } from "./referral-schema.js";

const probability = z.number().min(0).max(1);
const count = z.int().min(0);

/** How soon a person should look. */
export const URGENCY: z.ZodType<Urgency> = component<Urgency>()(
  "Urgency",
  "How soon a person should look. `immediate`: somebody may die or be gravely harmed within hours. `urgent`: grave harm is " +
    "going on or likely within days. `soon`: real harm or distress that needs a person. `routine`: nothing that cannot wait.",
  z.enum(URGENCIES),
);
/** A kind of harm. */
export const CATEGORY: z.ZodType<Category> = component<Category>()(
  "Category",
  "A kind of harm that the text speaks of.",
  z.enum(CATEGORIES),
);
/** A circumstance. */
export const SIGNAL: z.ZodType<Signal> = component<Signal>()(
  "Signal",
  "A circumstance that the text itself says or plainly shows.",
  z.enum(SIGNALS),
);
/** Why a person should look anyway. */
export const REVIEW_CODE: z.ZodType<ReviewCode> = component<ReviewCode>()(
  "ReviewCode",
  "Why a person should look although the scores alone would not say so: the model is in doubt, the language is unknown or " +
    "not supported, the text was cut or is not readable, or the model or its second stage did not run.",
  z.enum(REVIEW_CODES),
);

const scores = component<Scores>()(
  "Scores",
  "Calibrated probabilities in [0, 1]. Those of `urgency` add up to 1; each category and each signal stands for itself.",
  z.object({
    urgency: z.record(z.enum(URGENCIES), probability),
    categories: z.record(z.enum(CATEGORIES), probability),
    signals: z.record(z.enum(SIGNALS), probability),
  }),
);

const reason = component<Reason>()(
  "Reason",
  "One thing that moved the result, as a code such as `signal:now` or `rule:immediate`; never words of the text.",
  z.object({
    code: z.string(),
    weight: probability.describe("The probability of a signal; 1 for a rule that matched; the share of a trend."),
  }),
);

const span = component<Span>()(
  "Span",
  "`[start, end, weight]`: byte offsets, not characters, into the sender's own UTF-8 copy, and what this part added to the " +
    "risk in logits.",
  z.tuple([count, count, z.number()]),
);

const language = component<DetectedLanguage>()(
  "DetectedLanguage",
  "What the text is written in.",
  z.object({
    tag: z.string().describe("BCP 47 tag; `und` when nothing can be said."),
    confidence: probability.describe("1 when the request stated the language."),
    supported: z.boolean().describe("Whether the model has learned risk in this language."),
  }),
);

const coverage = component<Coverage>()(
  "Coverage",
  "How much of the message was read.",
  z.object({
    bytes: count.describe("Length of the text in bytes of UTF-8."),
    tokens: count.describe("Words (in Chinese: characters) that were scored."),
    windows: count.describe("Overlapping parts that were also scored by themselves; 0 for a short message."),
    truncated: z.boolean().describe("Whether the text was longer than what is read."),
  }),
);

const categoryCodes = component<CategoryCodes>()(
  "CategoryCodes",
  "A category in other taxonomies.",
  z.object({
    category: CATEGORY,
    childHelplineInternational: z.object({ category: z.string(), subcategory: z.string() }),
    fiveCs: z.enum(["content", "contact", "conduct", "contract", "cross-cutting"]).describe("The 5Cs of online risk."),
    mlCommonsHazard: z.string().nullable().describe("MLCommons hazard, S1 to S14; null where none fits."),
  }),
);

const standards = component<StandardCodes>()(
  "StandardCodes",
  "The result in scales that services already use.",
  z.object({
    ukMentalHealthTriageScale: z.string().describe("A (emergency) to G."),
    columbiaScreener: z.string().describe("Items of the C-SSRS screener; empty when none corresponds."),
    reachOut: z.string().describe("crisis, red, amber or green."),
    nhsPriority: z.string().describe("NHS clinical response priority: 1 emergency, 2 urgent or serious, 3 routine."),
    categories: z.array(categoryCodes).describe("In the order of `Assessment.categories`."),
  }),
);

const speakerTrend = component<SpeakerTrend>()(
  "SpeakerTrend",
  "One speaker of a conversation.",
  z.object({
    speaker: z
      .union([z.enum(["person", "counsellor", "other"]), z.int().min(0)])
      .nullable()
      .describe("As the requests named them; null where several share the last place for numbered speakers."),
    turns: count,
    atRisk: probability.describe("Probability that this speaker is at risk; 0 for the counsellor."),
    threatens: probability.describe(
      "Score of being the one who threatens or grooms: a hint whom to look at, no finding.",
    ),
  }),
);

const trend = component<Trend>()(
  "Trend",
  "How the conversation as a whole stands after the turn.",
  z.object({
    turns: count,
    level: URGENCY,
    priority: probability.describe("Orders the queue as `Assessment.priority` does."),
    risk: probability.describe("Probability that the conversation is `urgent` or graver."),
    slope: z.number().min(-1).max(1).describe("Above 0 while it gets worse."),
    firstAlert: count.nullable().describe("Index of the turn, from 0, that first was `urgent` or graver; null: none."),
    held: z.boolean().describe("Whether the level is held from earlier turns."),
    reasons: z.array(reason).describe("Strongest first."),
    speakers: z.array(speakerTrend),
  }),
);

const assessment = z.object({
  schemaVersion: z.literal(1),
  id: z.string().exactOptional().describe("As the request gave it."),
  urgency: URGENCY,
  priority: probability.describe("A higher one is served first; it never contradicts `urgency`."),
  scores: scores
    .exactOptional()
    .describe("Absent, with the review code `MODEL_UNAVAILABLE`, when the model could not run."),
  categories: z.array(CATEGORY).describe("Over their thresholds, strongest first."),
  signals: z.array(SIGNAL).describe("Over their thresholds, strongest first."),
  review: z.array(REVIEW_CODE).describe("Empty when nothing is in doubt."),
  reasons: z.array(reason),
  spans: z.array(span).exactOptional().describe("Only when asked for."),
  language,
  respondWithinMinutes: z.number().min(0).describe("By the policy of the service."),
  standards,
  referrals: z.array(REFERRAL).describe("Who can help, in order."),
  referralNotice: REFERRAL_NOTICE.exactOptional(),
  coverage,
  trend: trend.exactOptional().describe("Only for turns of a conversation."),
  pack: z.string().describe("`name@version` of the model pack."),
  policy: z.string().describe("`name@version` of the policy."),
  directory: z.string().describe("`name@version` of the directory of services."),
});

/** The result for one message. */
export const ASSESSMENT: z.ZodType<Assessment> = component<Assessment>()(
  "Assessment",
  "The result for one message: numbers, codes and services, and no word of the message. A person decides what follows.",
  assessment,
);

/** The result for one turn, which always has a trend. */
export const TURN_ASSESSMENT: z.ZodType<Assessment & { readonly trend: Trend }> = component<
  Assessment & { readonly trend: Trend }
>()("TurnAssessment", "The result for one turn of a conversation.", assessment.extend({ trend }));
