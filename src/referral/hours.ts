import { DAYS, type Day, type OpeningHours, type ReferralChannel } from "./schema.js";

/** Whether somebody answers, as far as the directory can tell. */
export type OpenState = "open" | "closed" | "unknown";

// Building a formatter costs about as much as everything else here together; there are no more of them than time zones.
const formatters = new Map<string, Intl.DateTimeFormat>();

const MILLISECONDS_PER_MINUTE = 60_000;
const MILLISECONDS_PER_DAY = 86_400_000;
const NEVER: readonly string[] = [];

/**
 * Whether opening hours hold at an instant; `timeZone` is an IANA name, an unknown one throws RangeError. What begins on a
 * day of `closedOn` (`YYYY-MM-DD`) is left out, also its part after midnight.
 */
export function isOpenAt(
  hours: OpeningHours,
  timeZone: string,
  now: Date,
  closedOn: readonly string[] = NEVER,
): boolean {
  if ("always" in hours && closedOn.length === 0) return true;
  const { day, minute, date } = localTime(timeZone, now);
  const closedToday = closedOn.includes(date);
  if ("always" in hours) return !closedToday;
  const closedYesterday = closedOn.length > 0 && closedOn.includes(dayBefore(date));
  const today = DAYS[day];
  const yesterday = DAYS[(day + 6) % 7];
  return hours.weekly.some(({ days, from, to }) => {
    const opens = toMinutes(from);
    const closes = toMinutes(to);
    const beginsToday = !closedToday && days.includes(today) && minute >= opens;
    if (closes > opens) return beginsToday && minute < closes;
    return beginsToday || (!closedYesterday && days.includes(yesterday) && minute < closes);
  });
}

/**
 * Whether any of the channels answers at an instant. Undefined when none of them is a conversation with a person: a web page
 * has no hours unless it is the service's only door and hours are published for it.
 */
export function openState(
  channels: readonly ReferralChannel[],
  now: Date,
  closedOn: readonly string[] = NEVER,
): OpenState | undefined {
  const staffed = channels.filter((channel) => channel.hours || channel.hoursText || isConversation(channel));
  if (staffed.length === 0) return undefined;
  const states = staffed.map((channel) => channelState(channel, now, closedOn));
  if (states.includes("open")) return "open";
  return states.includes("unknown") ? "unknown" : "closed";
}

function channelState({ hours, timeZone }: ReferralChannel, now: Date, closedOn: readonly string[]): OpenState {
  if (hours === undefined) return "unknown";
  if ("always" in hours && closedOn.length === 0) return "open";
  if (timeZone === undefined) return "unknown";
  return isOpenAt(hours, timeZone, now, closedOn) ? "open" : "closed";
}

function isConversation({ kind }: ReferralChannel): boolean {
  return kind === "call" || kind === "text" || kind === "chat";
}

interface LocalTime {
  readonly day: number;
  readonly minute: number;
  /** `YYYY-MM-DD`. */
  readonly date: string;
}

// Formatting a time costs more than scoring a short message. All time zones are whole minutes apart since 1972.
const latest = new Map<string, { readonly instant: number; readonly time: LocalTime }>();

function localTime(timeZone: string, now: Date): LocalTime {
  const instant = Math.floor(now.getTime() / MILLISECONDS_PER_MINUTE);
  const known = latest.get(timeZone);
  if (known?.instant === instant) return known.time;
  const time = formatTime(timeZone, now);
  latest.set(timeZone, { instant, time });
  return time;
}

function formatTime(timeZone: string, now: Date): LocalTime {
  let formatter = formatters.get(timeZone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat("en-US", {
      timeZone,
      calendar: "gregory",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    formatters.set(timeZone, formatter);
  }
  const parts = new Map(formatter.formatToParts(now).map(({ type, value }) => [type, value]));
  const weekday = (parts.get("weekday") ?? "").slice(0, 2).toUpperCase();
  return {
    day: DAYS.indexOf(weekday as Day),
    minute: Number(parts.get("hour")) * 60 + Number(parts.get("minute")),
    date: `${parts.get("year")}-${parts.get("month")}-${parts.get("day")}`,
  };
}

function dayBefore(date: string): string {
  return new Date(Date.parse(date) - MILLISECONDS_PER_DAY).toISOString().slice(0, 10);
}

function toMinutes(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
}
