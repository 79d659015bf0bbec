import * as z from "zod";
import { CATEGORIES } from "../labels.js";
import {
  type AgeRange,
  CHANNEL_KINDS,
  CONFIDENCES,
  COSTS,
  DAYS,
  DIRECTORY_CAVEATS,
  type OpeningHours,
  REFERRAL_KINDS,
  type Referral,
  type ReferralChannel,
  type ReferralNotice,
  type ReferralReason,
  type ReferralResult,
} from "../referral/schema.js";
import { component } from "./component.js";

const hours = component<OpeningHours>()(
  "OpeningHours",
  "When somebody answers: day and night, or at times that repeat every week. Public holidays are not known.",
  z.union([
    z.object({ always: z.literal(true) }),
    z.object({
      weekly: z.array(
        z.object({
          days: z.array(z.enum(DAYS)),
          from: z.string().describe("HH:MM, local time."),
          to: z.string().describe("HH:MM, exclusive, up to 24:00; at or before `from` it is on the following day."),
        }),
      ),
    }),
  ]),
);

const cost = z.enum(COSTS).describe("What reaching it costs the person; `unknown` when the source does not say.");

const channel = component<ReferralChannel>()(
  "ReferralChannel",
  "One way to reach a service.",
  z.object({
    kind: z.enum(CHANNEL_KINDS).describe("Messengers are `chat`."),
    address: z.string().describe("Exactly as published. A short number works only inside its country."),
    hours: hours.exactOptional(),
    hoursText: z.string().exactOptional().describe("The published words, where they could not be read as `hours`."),
    timeZone: z.string().exactOptional().describe("IANA time zone of `hours`."),
    cost: cost.exactOptional(),
  }),
);

const ages = component<AgeRange>()(
  "AgeRange",
  "The ages that a service is for, in years, both inclusive.",
  z.object({ from: z.int().min(0), to: z.int().min(0) }),
);

const REASONS = [
  "EMERGENCY_FIRST",
  "EMERGENCY_IF_WORSE",
  "CHILD_SERVICE_FOR_AGE",
  "AGE_OUTSIDE_SERVICE",
  "TOPIC_MATCH",
  "GENERAL_SERVICE",
  "LISTENS_TO_DISTRESS",
  "REPORTS_CONTENT",
  "COUNTRY_MATCH",
  "REGION_MATCH",
  "OTHER_REGION",
  "REGION_ONLY",
  "INTERNATIONAL_FINDER",
  "LANGUAGE_MATCH",
  "CHANNEL_MATCH",
  "CHANNEL_MISSING",
  "FREE",
  "COSTS_MONEY",
  "COST_UNKNOWN",
  "ANONYMOUS",
  "NOT_ANONYMOUS",
  "ANONYMITY_UNKNOWN",
  "OPEN_NOW",
  "CLOSED_NOW",
  "HOURS_UNKNOWN",
  "CLOSES_ON_HOLIDAYS",
  "FULL_NOW",
  "DAILY_CAP_REACHED",
] as const;

const reason = component<ReferralReason>()(
  "ReferralReason",
  "Why a service was chosen, or stands where it stands. `EMERGENCY_FIRST`: somebody may die within hours; " +
    "`EMERGENCY_IF_WORSE`: in case it comes to that. `AGE_OUTSIDE_SERVICE` and `OTHER_REGION`: only as a last resort. " +
    "`LISTENS_TO_DISTRESS`: a crisis line that is not specialised in this harm. `REPORTS_CONTENT`: has images removed " +
    "and does not counsel. `REGION_ONLY`: serves one part of the country, and the person's is not known.",
  z.enum(REASONS),
);

/** A service in an answer. */
export const REFERRAL: z.ZodType<Referral> = component<Referral>()(
  "Referral",
  "A service that can help, as its source describes it. Nobody dialled the numbers: look at `verifiedOn` and `stale`.",
  z.object({
    id: z.string().describe("Unique and stable."),
    country: z.string().describe("ISO 3166-1 alpha-2, or 001 for the whole world."),
    region: z.string().exactOptional().describe("The only part of the country that it serves."),
    service: z.string(),
    operator: z.string().exactOptional(),
    kinds: z.array(z.enum(REFERRAL_KINDS)),
    topics: z.array(z.enum(CATEGORIES)).describe("What it helps with; empty when it turns nothing away."),
    channels: z.array(channel).min(1).describe("The one to try first stands first."),
    languages: z.array(z.string()).describe("BCP 47 tags; empty when the source names none."),
    moreLanguages: z.boolean().describe("Whether it also speaks languages that are not named."),
    ages: ages.exactOptional(),
    closedOn: z.array(z.string()).exactOptional().describe("Days, YYYY-MM-DD, on which nobody answers."),
    closedOnHolidays: z.boolean().exactOptional(),
    cost,
    anonymous: z.boolean().nullable().describe("Null when the source does not say."),
    accessibility: z.array(z.string()).exactOptional(),
    verifiedOn: z.string().nullable().describe("YYYY-MM-DD of the newest statement behind the entry; null: undated."),
    verifiedBy: z.string().describe("How it was verified."),
    source: z.string().describe("Where it was read."),
    confidence: z.enum(CONFIDENCES),
    caveats: z
      .array(z.enum(DIRECTORY_CAVEATS))
      .describe("`NUMBERS_MAY_BE_PARTIAL`: there may be other numbers. `SINGLE_SOURCE`: only one source states it."),
    stale: z.boolean().describe("Whether it was verified too long ago, or nobody knows when."),
    why: z.array(reason).min(1),
  }),
);

/** What an answer says about services that are missing. */
export const REFERRAL_NOTICE: z.ZodType<ReferralNotice> = component<ReferralNotice>()(
  "ReferralNotice",
  "Why there is nobody, or not everybody, to name. `NOT_NEEDED`: the message is routine and names no harm. " +
    "`COUNTRY_UNKNOWN`: no country was given, so no number is shown. `COUNTRY_NOT_COVERED`: the directory has nothing " +
    "for it. `NO_EMERGENCY_NUMBER`: one is needed and none is known. `NO_SERVICE_FOR_TOPIC`: nobody there is known to " +
    "take this harm; crisis lines and international finders stand in.",
  z.enum(["NOT_NEEDED", "COUNTRY_UNKNOWN", "COUNTRY_NOT_COVERED", "NO_EMERGENCY_NUMBER", "NO_SERVICE_FOR_TOPIC"]),
);

/** The answer of the directory. */
export const REFERRAL_RESULT: z.ZodType<ReferralResult> = component<ReferralResult>()(
  "ReferralResult",
  "Who can help, in order. `notice` is there whenever the list is empty, unless `limit` was 0.",
  z.object({ referrals: z.array(REFERRAL), notice: REFERRAL_NOTICE.exactOptional() }),
);
