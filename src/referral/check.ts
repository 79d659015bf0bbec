import { EarshotError, isEarshotError } from "../errors.js";
import { BUNDLED_DIRECTORY } from "./bundled.js";
import { type LocatedJson, readLocatedJson } from "./located-json.js";
import { mergeDirectory } from "./merge.js";
import { isEmergency, isStale, staleBefore } from "./resolve.js";
import type { DirectoryEntry, OwnDirectory } from "./schema.js";
import { OWN_DIRECTORY_SCHEMA } from "./validate.js";

/** Something that makes a file unusable. Nothing of the file is quoted. */
export interface DirectoryProblem {
  /** Counted from 1. */
  readonly line: number;
  /** As in `entries[3].channels[0].address`; empty for the whole file. */
  readonly field: string;
  readonly problem: string;
}

/**
 * Something that a person should look at. `STALE`: verified too long ago, or nobody knows when. `VERIFIED_IN_FUTURE`.
 * `HOURS_WITHOUT_TIME_ZONE`: nobody can say whether the channel is open. `HOURS_NOT_READ`: the hours stand there in words
 * only. `EMERGENCY_REMOVED`: the country of an id has an emergency entry in the bundled directory and none any more. `CLOSES_ON_HOLIDAYS`: and `closedOn` does not say which days these are. `LEFT_OUT_UNKNOWN`: no bundled entry has an
 * id of `leaveOut`.
 */
export type DirectoryWarningCode =
  | "STALE"
  | "VERIFIED_IN_FUTURE"
  | "HOURS_WITHOUT_TIME_ZONE"
  | "HOURS_NOT_READ"
  | "CLOSES_ON_HOLIDAYS"
  | "LEFT_OUT_UNKNOWN"
  | "EMERGENCY_REMOVED";

/** Something that a person should look at. */
export interface DirectoryWarning {
  /** Counted from 1. */
  readonly line: number;
  readonly code: DirectoryWarningCode;
  /** Id of the entry, or the id that is not known. */
  readonly id: string;
}

/** What a check of an operator's file finds. */
export interface DirectoryCheck {
  /** By line; the file is usable when there is none. */
  readonly problems: readonly DirectoryProblem[];
  /** By line; none as long as there are problems. */
  readonly warnings: readonly DirectoryWarning[];
  /** Entries of the file that are new, and that replace a bundled one. */
  readonly added: number;
  readonly replaced: number;
  /** Bundled entries that are left out, and that stay. */
  readonly leftOut: number;
  readonly bundled: number;
  /** Of the bundled ones that stay. */
  readonly bundledStale: number;
}

const NOTHING = { warnings: [], added: 0, replaced: 0, leftOut: 0, bundled: 0, bundledStale: 0 };

/** Checks the text of an operator's file; entries are stale `staleAfterDays` after `verifiedOn`, 365 when absent. */
export function checkDirectory(text: string, now: Date, staleAfterDays?: number): DirectoryCheck {
  const read = readOwnDirectory(text);
  if ("problems" in read) return { ...NOTHING, problems: read.problems };
  const { own, located } = read;
  const before = staleBefore(now, staleAfterDays);
  const bundledIds = new Set(BUNDLED_DIRECTORY.entries.map(({ id }) => id));
  const replaced = own.entries.filter(({ id }) => bundledIds.has(id)).length;
  const hidden = new Set([
    ...own.entries.map(({ id }) => id),
    ...(own.leaveOut === "all" ? bundledIds : (own.leaveOut ?? [])),
  ]);
  const staying = BUNDLED_DIRECTORY.entries.filter(({ id }) => !hidden.has(id));
  return {
    problems: [],
    warnings: [...entryWarnings(own, located, now, before), ...leaveOutWarnings(own, located, bundledIds)].sort(byLine),
    added: own.entries.length - replaced,
    replaced,
    leftOut: bundledIds.size - staying.length - replaced,
    bundled: staying.length,
    bundledStale: staying.filter((entry) => isStale(entry, before)).length,
  };
}

/**
 * Reads an operator's file.
 *
 * @throws EarshotError `DIRECTORY_INVALID` with the number of `problems` and the `line` of the first
 */
export function parseOwnDirectory(text: string): OwnDirectory {
  const read = readOwnDirectory(text);
  if (!("problems" in read)) return read.own;
  throw new EarshotError("DIRECTORY_INVALID", { problems: read.problems.length, line: read.problems[0].line });
}

function readOwnDirectory(
  text: string,
): { own: OwnDirectory; located: LocatedJson } | { problems: readonly DirectoryProblem[] } {
  const located = locate(text);
  if (typeof located === "number")
    return { problems: [{ line: located, field: "", problem: "This is not JSON, or nested too deep." }] };
  const problems = located.repeated.map((line) => ({ line, field: "", problem: "The object has this field already." }));
  const parsed = OWN_DIRECTORY_SCHEMA.safeParse(located.value);
  if (!parsed.success) problems.push(...parsed.error.issues.map((issue) => toProblem(issue, located)));
  if (!parsed.success || problems.length > 0) return { problems: problems.sort(byLine) };
  return { own: parsed.data, located };
}

function locate(text: string): LocatedJson | number {
  try {
    return readLocatedJson(text);
  } catch (error) {
    return isEarshotError(error) ? Number(error.details.line) : 1;
  }
}

interface Issue {
  readonly code?: string;
  readonly message: string;
  readonly path: readonly PropertyKey[];
  readonly keys?: readonly string[];
}

function toProblem(issue: Issue, located: LocatedJson): DirectoryProblem {
  const { code, message, path, keys = [] } = issue;
  const field = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("");
  // The words of zod for an unknown field quote it, and it may be anything.
  if (code === "unrecognized_keys" || code === "invalid_key") {
    const line = located.lineOf([...path, ...keys.slice(0, 1)]);
    const known = code === "invalid_key" ? "" : field.replace(/^\./, "");
    return { line, field: known, problem: "This field is not known here." };
  }
  const missing = message.endsWith("received undefined");
  return {
    line: located.lineOf(path),
    field: field.replace(/^\./, ""),
    problem: missing ? "This field is missing." : message,
  };
}

function entryWarnings(own: OwnDirectory, located: LocatedJson, now: Date, before: number): DirectoryWarning[] {
  const today = now.toISOString().slice(0, 10);
  return own.entries.flatMap((entry, index) => {
    const found: DirectoryWarning[] = [];
    const warn = (code: DirectoryWarningCode, ...path: PropertyKey[]): void => {
      found.push({ line: located.lineOf(["entries", index, ...path]), code, id: entry.id });
    };
    if (entry.verifiedOn !== null && entry.verifiedOn > today) warn("VERIFIED_IN_FUTURE", "verifiedOn");
    else if (isStale(entry, before)) warn("STALE", "verifiedOn");
    if (entry.closedOnHolidays && entry.closedOn === undefined) warn("CLOSES_ON_HOLIDAYS", "closedOnHolidays");
    for (const [place, channel] of entry.channels.entries()) {
      if (needsTimeZone(channel)) warn("HOURS_WITHOUT_TIME_ZONE", "channels", place, "hours");
      if (channel.hoursText !== undefined && channel.hours === undefined)
        warn("HOURS_NOT_READ", "channels", place, "hoursText");
    }
    return found;
  });
}

function needsTimeZone({ hours, timeZone }: DirectoryEntry["channels"][number]): boolean {
  return hours !== undefined && "weekly" in hours && timeZone === undefined;
}

function leaveOutWarnings(
  own: OwnDirectory,
  located: LocatedJson,
  bundledIds: ReadonlySet<string>,
): DirectoryWarning[] {
  const { leaveOut = [] } = own;
  if (leaveOut === "all") return [];
  const covered = new Set(
    mergeDirectory(own)
      .entries.filter(isEmergency)
      .map(({ country }) => country),
  );
  const removed = BUNDLED_DIRECTORY.entries.filter((entry) => isEmergency(entry) && !covered.has(entry.country));
  const unknown = leaveOut.filter((id) => !bundledIds.has(id));
  const lineOf = (id: string): number => {
    const index = leaveOut.indexOf(id);
    if (index >= 0) return located.lineOf(["leaveOut", index]);
    return located.lineOf(["entries", own.entries.findIndex((entry) => entry.id === id)]);
  };
  return [
    ...unknown.map((id) => ({ line: lineOf(id), code: "LEFT_OUT_UNKNOWN" as const, id })),
    ...removed.map(({ id }) => ({ line: lineOf(id), code: "EMERGENCY_REMOVED" as const, id })),
  ];
}

function byLine(a: { readonly line: number }, b: { readonly line: number }): number {
  return a.line - b.line;
}
