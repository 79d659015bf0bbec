import { z } from "zod";
import { EarshotError } from "../errors.js";
import { CATEGORIES } from "../labels.js";
import {
  CHANNEL_KINDS,
  CONFIDENCES,
  COSTS,
  DAYS,
  DIRECTORY_CAVEATS,
  REFERRAL_KINDS,
  type ReferralDirectory,
  WORLD,
} from "./schema.js";

const words = z
  .string()
  .min(1)
  .max(600)
  .refine((value) => value === value.trim());

const weeklyHours = z.strictObject({
  days: z.array(z.enum(DAYS)).min(1),
  from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
  to: z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/),
});

const channel = z
  .strictObject({
    kind: z.enum(CHANNEL_KINDS),
    address: words,
    hours: z
      .union([z.strictObject({ always: z.literal(true) }), z.strictObject({ weekly: z.array(weeklyHours).min(1) })])
      .exactOptional(),
    hoursText: words.exactOptional(),
    timeZone: z.string().refine(isTimeZone).exactOptional(),
    cost: z.enum(COSTS).exactOptional(),
  })
  .refine(({ kind, address }) => isAddress(kind, address));

const entry = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
    country: z.string().regex(/^([A-Z]{2}|001)$/),
    region: words.exactOptional(),
    service: words,
    operator: words.exactOptional(),
    kinds: z.array(z.enum(REFERRAL_KINDS)).min(1),
    topics: z.array(z.enum(CATEGORIES)),
    channels: z.array(channel).min(1),
    languages: z.array(z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/)),
    moreLanguages: z.boolean(),
    ages: z
      .strictObject({ from: z.int().min(0).max(120), to: z.int().min(0).max(120) })
      .refine(({ from, to }) => from <= to)
      .exactOptional(),
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
  )
  // "UK" is reserved in ISO 3166 and would make a second United Kingdom.
  .refine(({ country }) => country !== "UK");

/** The form of a directory. Loading zod takes 50 to 100 ms, so import this only for a file that is not the bundled one. */
export const DIRECTORY_SCHEMA: z.ZodType<ReferralDirectory> = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/),
    version: z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.+-]*$/),
    generated: z.iso.date(),
    note: words,
    entries: z.array(entry),
  })
  .refine(({ entries }) => new Set(entries.map(({ id }) => id)).size === entries.length);

/** Checks parsed JSON. Throws `DIRECTORY_INVALID` with the number of `problems`. */
export function validateDirectory(value: unknown): ReferralDirectory {
  const result = DIRECTORY_SCHEMA.safeParse(value);
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
