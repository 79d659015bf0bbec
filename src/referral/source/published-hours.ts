import { DAYS, type Day, type OpeningHours, type WeeklyHours } from "../schema.js";

const SPAN = /^(daily|[A-Z][a-z]{2}(?:[-,][A-Z][a-z]{2})*) (\d{1,2})(?::(\d{2}))?-(\d{1,2})(?::(\d{2}))?$/;

/**
 * Reads published hours such as `24/7`, `daily 09-23` or `Mon-Fri 8-20; Sat-Sun 12-19`. Undefined for anything else, also for
 * a time without days: it may be every day or only working days, and a wrong "open now" sends a person to a silent line.
 */
export function readPublishedHours(published: string): OpeningHours | undefined {
  if (published === "24/7") return { always: true };
  const weekly: WeeklyHours[] = [];
  for (const part of published.split("; ")) {
    const match = SPAN.exec(part);
    const days = match === null ? undefined : readDays(match[1]);
    if (match === null || days === undefined) return undefined;
    weekly.push({ days, from: clock(match[2], match[3]), to: clock(match[4], match[5]) });
  }
  return { weekly };
}

function readDays(published: string): readonly Day[] | undefined {
  if (published === "daily") return DAYS;
  const days = new Set<Day>();
  for (const part of published.split(",")) {
    const [first, last] = part.split("-").map((name) => DAYS.indexOf(name.slice(0, 2).toUpperCase() as Day));
    if (first < 0 || (last !== undefined && last < 0)) return undefined;
    const length = (((last ?? first) - first + 7) % 7) + 1;
    for (let offset = 0; offset < length; offset += 1) days.add(DAYS[(first + offset) % 7]);
  }
  return DAYS.filter((day) => days.has(day));
}

function clock(hours: string, minutes = "00"): string {
  return `${hours.padStart(2, "0")}:${minutes}`;
}
