import type { Category, Signal, Urgency } from "../labels.js";
import { BUNDLED_DIRECTORY } from "../referral/bundled.js";
import { checkDirectory } from "../referral/check.js";
import { explainReferrals } from "../referral/explain.js";
import { BUNDLED_MESSAGES, referralMessage } from "../referral/messages.js";
import { isStale, staleBefore, toCountry } from "../referral/resolve.js";
import type { ChannelKind, ReferralDirectory, ReferralKind } from "../referral/schema.js";
import { readDirectoryFile, readText } from "./directory-file.js";
import { type ListedEntry, renderCheck, renderExplanation, renderList } from "./directory-report.js";
import { writeResult } from "./output-file.js";
import { EXIT } from "./score.js";

/** Options that the subcommands of `earshot directory` share. */
export interface DirectoryOptions {
  readonly format: "table" | "json";
  readonly directory?: string;
  readonly country?: string;
  /** In days. */
  readonly staleAfter: number;
}

/** Options of `earshot directory list`. */
export interface ListOptions extends DirectoryOptions {
  readonly kind?: ReferralKind;
  readonly stale?: boolean;
}

/** Options of `earshot directory export`. */
export interface ExportOptions extends Pick<DirectoryOptions, "directory" | "country"> {
  readonly output?: string;
}

/** Options of `earshot directory why`. */
export interface WhyOptions extends DirectoryOptions {
  readonly region?: string;
  readonly level: Urgency;
  readonly category: readonly Category[];
  readonly signal: readonly Signal[];
  readonly age?: number;
  readonly language: readonly string[];
  readonly channel: readonly ChannelKind[];
  readonly free?: boolean;
  readonly anonymous?: boolean;
  /** Ids of entries that take nobody. */
  readonly full: readonly string[];
  readonly at?: Date;
  readonly limit: number;
}

/**
 * Checks an operator's file and says what it would change; 1 when it cannot be used.
 *
 * @throws EarshotError `FILE_NOT_READABLE`, `OUTPUT_CLOSED`, `OUTPUT_FAILED`
 */
export function check(path: string, { format, staleAfter }: Pick<DirectoryOptions, "format" | "staleAfter">): number {
  const found = checkDirectory(readText(path), new Date(), staleAfter);
  writeResult(format === "json" ? JSON.stringify(found) : renderCheck(found), undefined);
  return found.problems.length > 0 ? EXIT.failed : EXIT.done;
}

/**
 * Lists entries.
 *
 * @throws EarshotError as `readDirectoryFile` and the writing of output do
 */
export function list({ format, kind, stale, staleAfter, ...options }: ListOptions): number {
  const before = staleBefore(new Date(), staleAfter);
  const entries = entriesOf(load(options.directory), options.country)
    .map((entry): ListedEntry => ({ ...entry, stale: isStale(entry, before) }))
    .filter((entry) => (kind === undefined || entry.kinds.includes(kind)) && (!stale || entry.stale));
  writeResult(format === "json" ? JSON.stringify(entries) : renderList(entries), undefined);
  return EXIT.done;
}

/**
 * Writes entries as Open Referral HSDS 3.0.
 *
 * @throws EarshotError as `readDirectoryFile` and the writing of output do
 */
export async function exportHsds({ country, directory, output }: ExportOptions): Promise<number> {
  const { toHsds } = await import("../referral/hsds.js");
  writeResult(`${JSON.stringify(toHsds(entriesOf(load(directory), country)), null, 2)}\n`, output);
  return EXIT.done;
}

/**
 * Shows what would be offered to a person, what would not, and why.
 *
 * @throws EarshotError as `readDirectoryFile` and the writing of output do
 */
export function why({ format, at, ...options }: WhyOptions): number {
  const directory = load(options.directory);
  const explanation = explainReferrals(
    {
      ...(options.country !== undefined && { country: options.country }),
      ...(options.region !== undefined && { region: options.region }),
      urgency: options.level,
      categories: options.category,
      signals: options.signal,
      ...(options.age !== undefined && { age: options.age }),
      languages: options.language,
      channels: options.channel,
      free: options.free ?? false,
      anonymous: options.anonymous ?? false,
      capacity: options.full.map((id) => ({ id, fullUntil: Number.POSITIVE_INFINITY })),
      limit: options.limit,
      staleAfterDays: options.staleAfter,
    },
    directory,
    at ?? new Date(),
  );
  const message = referralMessage(options.level, options.age, options.language[0] ?? "en", directory.messages);
  writeResult(
    format === "json" ? JSON.stringify({ ...explanation, message }) : renderExplanation(explanation, message),
    undefined,
  );
  return EXIT.done;
}

/**
 * Writes the bundled words in the form in which an operator's file has its own.
 *
 * @throws EarshotError as the writing of output does
 */
export function messages(): number {
  writeResult(JSON.stringify({ messages: BUNDLED_MESSAGES }, null, 2), undefined);
  return EXIT.done;
}

function load(path: string | undefined): ReferralDirectory {
  return path === undefined ? BUNDLED_DIRECTORY : readDirectoryFile(path);
}

function entriesOf({ entries }: ReferralDirectory, country: string | undefined): ReferralDirectory["entries"] {
  if (country === undefined) return entries;
  const code = toCountry(country) ?? country;
  return entries.filter((entry) => entry.country === code);
}
