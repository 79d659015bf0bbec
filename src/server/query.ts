import { EarshotError } from "../errors.js";
import { CATEGORIES, SIGNALS, URGENCIES } from "../labels.js";
import type { ReferralRequest } from "../referral/request.js";
import { CHANNEL_KINDS } from "../referral/schema.js";
import type { AssessOptions } from "../triage.js";

const LONGEST_REGION = 100;
const LONGEST_TAG = 35;
const GREATEST_AGE_YEARS = 120;
const GREATEST_LIMIT = 100;
const LONGEST_STALE_DAYS = 36_500;

type Values = readonly string[];

/**
 * What holds for every message of a request that does not say otherwise: language, country, age; and whether to give spans.
 *
 * @throws EarshotError `REQUEST_INVALID` for anything else, above all for a text: queries stay in memory and in logs
 */
export function readMessageQuery(target: string): AssessOptions {
  return readQuery<AssessOptions>(target, {
    language: (values) => tag(one(values)),
    country: (values) => country(one(values)),
    age: (values) => number(one(values), GREATEST_AGE_YEARS),
    // Only when true: without spans an option less goes to the worker.
    spans: (values) => flag(one(values)) || undefined,
  });
}

/**
 * What is asked of the directory.
 *
 * @throws EarshotError `REQUEST_INVALID`
 */
export function readReferralQuery(target: string): ReferralRequest {
  const {
    category = [],
    signal = [],
    language,
    channel,
    ...rest
  } = readQuery<ReferralQuery>(target, {
    country: (values) => country(one(values)),
    region: (values) => short(one(values)),
    urgency: (values) => member(one(values), URGENCIES),
    category: (values) => values.map((value) => member(value, CATEGORIES)),
    signal: (values) => values.map((value) => member(value, SIGNALS)),
    language: (values) => values.map(tag),
    channel: (values) => values.map((value) => member(value, CHANNEL_KINDS)),
    age: (values) => number(one(values), GREATEST_AGE_YEARS),
    free: (values) => flag(one(values)),
    anonymous: (values) => flag(one(values)),
    limit: (values) => whole(one(values), GREATEST_LIMIT),
    staleAfterDays: (values) => whole(one(values), LONGEST_STALE_DAYS),
  });
  return {
    urgency: "urgent",
    ...rest,
    categories: category,
    signals: signal,
    ...(language && { languages: language }),
    ...(channel && { channels: channel }),
  };
}

type ReferralQuery = Partial<
  Omit<ReferralRequest, "categories" | "signals" | "languages" | "channels" | "capacity">
> & {
  readonly category?: ReferralRequest["categories"];
  readonly signal?: ReferralRequest["signals"];
  readonly language?: NonNullable<ReferralRequest["languages"]>;
  readonly channel?: NonNullable<ReferralRequest["channels"]>;
};

function readQuery<Query extends object>(
  target: string,
  readers: { readonly [Name in keyof Query]?: (values: Values) => Query[Name] | undefined },
): Query {
  const parameters = new URLSearchParams(target.includes("?") ? target.slice(target.indexOf("?") + 1) : "");
  const query: Partial<Query> = {};
  for (const name of new Set(parameters.keys())) {
    if (!Object.hasOwn(readers, name)) invalid();
    const key = name as keyof Query;
    const value = readers[key]?.(parameters.getAll(name));
    if (value !== undefined) query[key] = value;
  }
  return query as Query;
}

function one(values: Values): string {
  return values.length === 1 ? values[0] : invalid();
}

function country(value: string): string {
  return /^[A-Za-z]{2}$/.test(value) ? value.toUpperCase() : invalid();
}

function tag(value: string): string {
  return value.length <= LONGEST_TAG && /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(value) ? value : invalid();
}

function short(value: string): string {
  return value.length <= LONGEST_REGION ? value : invalid();
}

function flag(value: string): boolean {
  return value === "true" || (value !== "false" && invalid());
}

function number(value: string, most: number): number {
  const read = Number(value);
  return /^\d+(\.\d+)?$/.test(value) && read <= most ? read : invalid();
}

function whole(value: string, most: number): number {
  const read = number(value, most);
  return Number.isInteger(read) ? read : invalid();
}

function member<Name extends string>(value: string, names: readonly Name[]): Name {
  return names.find((name) => name === value) ?? invalid();
}

function invalid(): never {
  throw new EarshotError("REQUEST_INVALID");
}
