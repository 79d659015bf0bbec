import type { EarshotErrorCode } from "../errors.js";
import { URGENCIES, type Urgency } from "../labels.js";
import type { Arrival } from "./scenario.js";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const LONGEST_MINUTES = 7 * 24 * 60;
const TIME = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:\d\d)?$/;

/** What a record of arrivals holds. */
export interface ArrivalRecord {
  /** In order of time, in minutes since midnight before the first. */
  readonly arrivals: readonly Arrival[];
  readonly rejected: ReadonlyArray<{ readonly line: number; readonly error: EarshotErrorCode }>;
}

interface Line {
  readonly clockMs: number;
  readonly zone: string;
  readonly level: Urgency;
  readonly handlingMinutes?: number;
}

/**
 * Reads JSON Lines of `{"at","level","handlingMinutes"?}`. `at` is an ISO 8601 date and time; its clock is the one of the
 * shifts, whatever the zone, which has to be the same in all lines. Lines may be in any order. What cannot be read is
 * named by line number and code, and left out.
 */
export function readArrivals(text: string): ArrivalRecord {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const read: Line[] = [];
  const rejected: Array<{ line: number; error: EarshotErrorCode }> = [];
  for (const [index, line] of lines.entries()) {
    const result = readLine(line);
    if (typeof result === "string") rejected.push({ line: index + 1, error: result });
    else if (read.length > 0 && read[0].zone !== result.zone)
      rejected.push({ line: index + 1, error: "FIELD_INVALID" });
    else read.push(result);
  }
  read.sort((left, right) => left.clockMs - right.clockMs);
  const midnightMs = read.length === 0 ? 0 : Math.floor(read[0].clockMs / DAY_MS) * DAY_MS;
  const arrivals = read.map(({ clockMs, level, handlingMinutes }) => ({
    atMinutes: (clockMs - midnightMs) / MINUTE_MS,
    level,
    ...(handlingMinutes !== undefined && { handlingMinutes }),
  }));
  return { arrivals, rejected };
}

function readLine(line: string): Line | EarshotErrorCode {
  const value = parse(line);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "LINE_NOT_JSON";
  const { at, level, handlingMinutes, ...others } = value as Readonly<Record<string, unknown>>;
  const time = readTime(at);
  // A field that has no meaning here may be somebody's words: such a file is not meant for this.
  const isValid =
    time !== undefined &&
    URGENCIES.some((known) => known === level) &&
    (handlingMinutes === undefined || isDuration(handlingMinutes)) &&
    Object.keys(others).length === 0;
  if (!isValid) return "FIELD_INVALID";
  return { ...time, level: level as Urgency, ...(handlingMinutes !== undefined && { handlingMinutes }) } as Line;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function readTime(value: unknown): Pick<Line, "clockMs" | "zone"> | undefined {
  const parts = typeof value === "string" ? TIME.exec(value) : null;
  if (parts === null) return undefined;
  const [, date, time, zone = ""] = parts;
  const clock = new Date(`${date}T${time}Z`);
  // Also when the day does not exist: such dates are taken for one of the next month.
  if (Number.isNaN(clock.getTime()) || !clock.toISOString().startsWith(date)) return undefined;
  return { clockMs: clock.getTime(), zone };
}

function isDuration(value: unknown): boolean {
  return typeof value === "number" && value > 0 && value <= LONGEST_MINUTES;
}
