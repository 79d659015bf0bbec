import * as z from "zod";
import { EarshotError } from "../errors.js";
import { CATEGORIES, URGENCIES } from "../labels.js";
import {
  AGE_BANDS,
  CHANNEL_KINDS,
  CONFIDENCES,
  COSTS,
  DAYS,
  DIRECTORY_CAVEATS,
  type OwnDirectory,
  REFERRAL_KINDS,
  type ReferralDirectory,
  WORLD,
} from "./schema.js";

const words = z
  .string()
  .min(1)
  .max(600)
  .refine((value) => value === value.trim(), { error: "There is a space at the beginning or the end." });
const id = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, { error: "An id is made of a-z, 0-9 and single hyphens." });
const languageTag = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, { error: "This is no BCP 47 tag, such as sw." });
const NO_TIME = { error: "This is no time of day such as 09:30." };

const weeklyHours = z.strictObject({
  days: z.array(z.enum(DAYS)).min(1),
  from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, NO_TIME),
  to: z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, NO_TIME),
});

const channel = z
  .strictObject({
    kind: z.enum(CHANNEL_KINDS),
    address: words,
    hours: z
      .union([z.strictObject({ always: z.literal(true) }), z.strictObject({ weekly: z.array(weeklyHours).min(1) })])
      .exactOptional(),
    hoursText: words.exactOptional(),
    timeZone: z
      .string()
      .refine(isTimeZone, { error: "This is no IANA time zone, such as Africa/Nairobi." })
      .exactOptional(),
    cost: z.enum(COSTS).exactOptional(),
  })
  .refine(({ kind, address }) => isAddress(kind, address), {
    error: "The address does not have the form of this kind: one number, one page or one e-mail address.",
    path: ["address"],
  });

const entry = z
  .strictObject({
    id,
    country: z.string().regex(/^([A-Z]{2}|001)$/, { error: "This is no two-letter country code, nor 001." }),
    region: words.exactOptional(),
    service: words,
    operator: words.exactOptional(),
    kinds: z.array(z.enum(REFERRAL_KINDS)).min(1),
    topics: z.array(z.enum(CATEGORIES)),
    channels: z.array(channel).min(1),
    languages: z.array(languageTag),
    moreLanguages: z.boolean(),
    ages: z
      .strictObject({ from: z.int().min(0).max(120), to: z.int().min(0).max(120) })
      .refine(({ from, to }) => from <= to, { error: "The first age is above the last." })
      .exactOptional(),
    closedOn: z.array(z.iso.date()).min(1).exactOptional(),
    closedOnHolidays: z.boolean().exactOptional(),
    cost: z.enum(COSTS),
    anonymous: z.boolean().nullable(),
    accessibility: z.array(words).exactOptional(),
    verifiedOn: z.iso.date().nullable(),
    verifiedBy: words,
    source: words,
    confidence: z.enum(CONFIDENCES),
    caveats: z.array(z.enum(DIRECTORY_CAVEATS)),
  })
  // A number that works in one country reaches somebody else, or nobody, in another.
  .refine(
    ({ country, channels }) => country !== WORLD || channels.every(({ kind }) => kind === "web" || kind === "email"),
    { error: "An entry for the whole world has pages and e-mail addresses only.", path: ["channels"] },
  )
  // "UK" is reserved in ISO 3166 and would make a second United Kingdom.
  .refine(({ country }) => country !== "UK", { error: "The United Kingdom is GB.", path: ["country"] })
  .refine(
    ({ closedOn, channels }) => closedOn === undefined || channels.every(({ hours, timeZone }) => !hours || timeZone),
    { error: "With closedOn, every channel that has hours needs a time zone.", path: ["closedOn"] },
  );

const entries = z.array(entry).superRefine((list, context) => {
  const seen = new Set<string>();
  for (const [index, { id }] of list.entries()) {
    if (seen.has(id)) context.addIssue({ code: "custom", message: "Another entry has this id.", path: [index, "id"] });
    seen.add(id);
  }
});

const messages = z.record(languageTag, z.partialRecord(z.enum(URGENCIES), z.partialRecord(z.enum(AGE_BANDS), words)));

const directory = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/),
  version: z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.+-]*$/),
  generated: z.iso.date(),
  note: words,
  entries,
  messages: messages.exactOptional(),
});

/** The form of a directory. Loading zod takes 50 to 100 ms, so import this only for a file that is not the bundled one. */
export const DIRECTORY_SCHEMA: z.ZodType<ReferralDirectory> = directory as z.ZodType<ReferralDirectory>;

/** The form of an operator's file. */
export const OWN_DIRECTORY_SCHEMA: z.ZodType<OwnDirectory> = directory.extend({
  leaveOut: z.union([z.literal("all"), z.array(id)]).exactOptional(),
}) as z.ZodType<OwnDirectory>;

/** Checks parsed JSON. Throws `DIRECTORY_INVALID` with the number of `problems`. */
export function validateDirectory(value: unknown): ReferralDirectory {
  return parse(DIRECTORY_SCHEMA, value);
}

/** Checks the parsed JSON of an operator's file. Throws `DIRECTORY_INVALID` with the number of `problems`. */
export function validateOwnDirectory(value: unknown): OwnDirectory {
  return parse(OWN_DIRECTORY_SCHEMA, value);
}

function parse<Form>(schema: z.ZodType<Form>, value: unknown): Form {
  const result = schema.safeParse(value);
  if (!result.success) throw new EarshotError("DIRECTORY_INVALID", { problems: result.error.issues.length });
  return result.data;
}

function isAddress(kind: (typeof CHANNEL_KINDS)[number], address: string): boolean {
  if (kind === "call") return /^[+*#]?[\d ()*#-]*\d{2}[\d ()*#-]*$/.test(address);
  if (kind === "web") return /^https?:\/\//.test(address) && URL.canParse(address);
  if (kind === "email") return /^[^\s@]+@[^\s@]+$/.test(address);
  return true;
}

function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone });
    return true;
  } catch {
    return false;
  }
}
