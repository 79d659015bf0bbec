import * as z from "zod";
import { type EarshotErrorCode, ERROR_MESSAGES } from "../errors.js";
import { CHANNEL_KINDS } from "../referral/schema.js";
import type { ConversationAnswer, ErrorAnswer, Health, Readiness, RejectedLine } from "../wire.js";
import { ASSESSMENT, CATEGORY, SIGNAL, TURN_ASSESSMENT, URGENCY } from "./assessment-schema.js";
import { component, named } from "./component.js";
import { statusOf } from "./status.js";

/** The codes that the service may answer with: all that have a status, and what should not happen. */
export const SERVICE_CODES: readonly EarshotErrorCode[] = (Object.keys(ERROR_MESSAGES) as EarshotErrorCode[]).filter(
  (code) => statusOf(code) !== 500 || code === "INTERNAL",
);

const language = z.string().max(35).describe("BCP 47 tag, when known; otherwise the language is identified.");
const country = z
  .string()
  .regex(/^[A-Za-z]{2}$/)
  .describe("ISO 3166-1 alpha-2 of the person, for who can help. Without it no number is named.");
const age = z.number().min(0).max(120).describe("Years, of the person who writes, for who can help.");
const yesOrNo = z.enum(["true", "false"]);

const message = z.object({
  text: z.string().describe("The message itself. It is read, scored and overwritten; nothing of it is kept or logged."),
  id: z.union([z.string(), z.int()]).nullish().describe("Given back in the answer; at most 256 bytes. Not a name."),
  language: language.nullish(),
  country: country.nullish(),
  age: age.nullish(),
});

/** One message. */
export const MESSAGE: z.ZodType = named(
  "Message",
  "One message, as a line of `earshot score`. Fields that are not named here are skipped unread.",
  message,
);

/** One turn of a conversation. */
export const TURN: z.ZodType = named(
  "Turn",
  "One turn of a conversation.",
  message.extend({
    speaker: z
      .union([z.enum(["person", "counsellor", "other"]), z.int().min(0)])
      .describe(
        "Who wrote it: `person`, whom the conversation is about, `counsellor`, who answers for the service, `other`, or in a " +
          "group a number of your own choice. The number is kept in `state`: take none that says who it is.",
      ),
    at: z.number().min(0).nullish().describe("When it was written, in milliseconds since 1970; now when absent."),
    state: z
      .string()
      .nullish()
      .describe("What the answer to the turn before gave, unchanged, in base64; absent for the first turn."),
  }),
);

/** Parameters of questions about messages. */
export const MESSAGE_QUERY: z.ZodType = named(
  "MessageQuery",
  "Holds for every message of the request that does not say otherwise.",
  z.object({
    language: language.exactOptional(),
    country: country.exactOptional(),
    age: age.exactOptional(),
    spans: yesOrNo.exactOptional().describe("Whether to also return what each word adds, as byte offsets."),
  }),
);

/** Parameters of questions to the directory. */
export const DIRECTORY_QUERY: z.ZodType = named(
  "DirectoryQuery",
  "Nothing of a message, only what the choice depends on.",
  z.object({
    country: country.exactOptional(),
    region: z.string().max(100).exactOptional().describe("Part of the country; case and accents do not matter."),
    urgency: URGENCY.exactOptional().describe("`urgent` when absent. Only `immediate` puts emergency services first."),
    category: z.array(CATEGORY).exactOptional().describe("What help is wanted with."),
    signal: z.array(SIGNAL).exactOptional().describe("`young` and `third_party` count: about whom it is."),
    age: age.exactOptional(),
    language: z.array(language).exactOptional().describe("What the person understands, as BCP 47 tags."),
    channel: z.array(z.enum(CHANNEL_KINDS)).exactOptional().describe("Ways to reach a service that are wanted."),
    free: yesOrNo.exactOptional().describe("Whether services that cost nothing come first."),
    anonymous: yesOrNo.exactOptional().describe("Whether services that let a person stay anonymous come first."),
    limit: z.int().min(0).max(100).exactOptional().describe("Most services to return; 3 when absent."),
    staleAfterDays: z.int().min(0).max(36_500).exactOptional().describe("Age at which an entry is marked stale; 365."),
  }),
);

const code = component<EarshotErrorCode>()(
  "ErrorCode",
  "What went wrong, as a code that does not change.",
  z.enum(SERVICE_CODES as [EarshotErrorCode, ...EarshotErrorCode[]]),
);

/** Every answer that is an error. */
export const ERROR_ANSWER: z.ZodType<ErrorAnswer> = component<ErrorAnswer>()(
  "ErrorAnswer",
  "An error. It holds nothing of the request: the code, its fixed sentence, and numbers.",
  z.object({
    error: code,
    message: z.string(),
    details: z
      .record(z.string(), z.union([z.number(), z.boolean()]))
      .describe("Counts and limits, where they explain."),
  }),
);

/** A line that could not be assessed. */
export const REJECTED_LINE: z.ZodType<RejectedLine> = component<RejectedLine>()(
  "RejectedLine",
  "Stands in a stream in place of a line that could not be assessed; the lines after it are.",
  z.object({ line: z.int().min(1).describe("Position in the request, from 1."), error: code }),
);

/** A line of a streamed answer. */
export const ASSESSMENT_LINE: z.ZodType = named(
  "AssessmentLine",
  "One line of the answer for one line of the request, in the same order.",
  z.union([ASSESSMENT, REJECTED_LINE]),
);

/** The answer to a turn. */
export const CONVERSATION_ANSWER: z.ZodType<ConversationAnswer> = component<ConversationAnswer>()(
  "ConversationAnswer",
  "The result for a turn, and the conversation as a block that the asker keeps: the service forgets it.",
  z.object({
    assessment: TURN_ASSESSMENT,
    state: z
      .base64()
      .describe(
        "Numbers, sealed, in base64. They tell what kind of harm was spoken of: keep them as safe as a note of that.",
      ),
  }),
);

/** The answer of a process that is alive. */
export const HEALTH: z.ZodType<Health> = component<Health>()(
  "Health",
  "The process answers.",
  z.object({ status: z.literal("ok") }),
);

/** The answer about whether messages are taken. */
export const READINESS: z.ZodType<Readiness> = component<Readiness>()(
  "Readiness",
  "Whether messages are taken: `draining` before the end of the process, `failed` when the model could not be loaded.",
  z.object({ status: z.enum(["ready", "starting", "draining", "failed"]) }),
);
