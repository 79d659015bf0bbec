import { DAYS, type Day, type OpeningHours, type ReferralChannel } from "./schema.js";

/** Whether somebody answers, as far as the directory can tell. */
export type OpenState = "open" | "closed" | "unknown";

// Building a formatter costs about as much as everything else here together; there are no more of them than time zones.
const formatters = new Map<string, Intl.DateTimeFormat>();

/** Whether opening hours hold at an instant; `timeZone` is an IANA name, an unknown one throws RangeError. */
export function isOpenAt(hours: OpeningHours, timeZone: string, now: Date): boolean {
  if ("always" in hours) return true;
  const { day, minute } = localTime(timeZone, now);
  const today = DAYS[day];
  const yesterday = DAYS[(day + 6) % 7];
  return hours.weekly.some(({ days, from, to }) => {
    const opens = toMinutes(from);
    const closes = toMinutes(to);
    if (closes > opens) return days.includes(today) && minute >= opens && minute < closes;
    return (days.includes(today) && minute >= opens) || (days.includes(yesterday) && minute < closes);
  });
}

/**
 * Whether any of the channels answers at an instant. Undefined when none of them is a conversation with a person: a web page
 * has no hours unless it is the service's only door and hours are published for it.
 */
export function openState(channels: readonly ReferralChannel[], now: Date): OpenState | undefined {
  const staffed = channels.filter((channel) => channel.hours || channel.hoursText || isConversation(channel));
  if (staffed.length === 0) return undefined;
  const states = staffed.map((channel) => channelState(channel, now));
  if (states.includes("open")) return "open";
  return states.includes("unknown") ? "unknown" : "closed";
}

function channelState({ hours, timeZone }: ReferralChannel, now: Date): OpenState {
  if (hours === undefined) return "unknown";
  if ("always" in hours) return "open";
  if (timeZone === undefined) return "unknown";
  return isOpenAt(hours, timeZone, now) ? "open" : "closed";
}

function isConversation({ kind }: ReferralChannel): boolean {
  return kind === "call" || kind === "text" || kind === "chat";
}

function localTime(timeZone: string, now: Date): { day: number; minute: number } {
  let formatter = formatters.get(timeZone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat("en-US", {
      timeZone,
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
  };
}

function toMinutes(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
}
