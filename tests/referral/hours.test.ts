import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isOpenAt, openState } from "../../src/referral/hours.js";
import { DAYS, type OpeningHours, type ReferralChannel } from "../../src/referral/schema.js";
import { weeklyHours, ZONES } from "./arbitraries.js";

const OVERNIGHT: OpeningHours = {
  weekly: [
    { days: ["MO", "TU", "WE", "TH", "FR"], from: "07:00", to: "02:00" },
    { days: ["SU", "SA"], from: "11:00", to: "24:00" },
  ],
};

describe("isOpenAt", () => {
  it.each([
    // 2026-11-21 is a Saturday; Copenhagen is at UTC+1 then.
    ["Friday's night goes on into Saturday", "2026-11-21T00:59:00Z", true],
    ["and ends at two", "2026-11-21T01:00:00Z", false],
    ["Saturday before eleven", "2026-11-21T09:59:00Z", false],
    ["Saturday at eleven", "2026-11-21T10:00:00Z", true],
    ["the last minute of Saturday", "2026-11-21T22:59:00Z", true],
    ["midnight", "2026-11-21T23:00:00Z", false],
    ["Monday at one: Sunday had no night", "2026-11-23T00:00:00Z", false],
    ["Monday at seven", "2026-11-23T06:00:00Z", true],
    ["the same clock in summer, an hour earlier in UTC", "2026-07-20T05:00:00Z", true],
    ["and not before", "2026-07-20T04:59:00Z", false],
  ])("%s", (_name, now, open) => {
    expect(isOpenAt(OVERNIGHT, "Europe/Copenhagen", new Date(now))).toBe(open);
  });

  it("is always open day and night", () => {
    expect(isOpenAt({ always: true }, "Europe/Copenhagen", new Date(0))).toBe(true);
  });

  it("throws on an unknown time zone instead of guessing", () => {
    expect(() => isOpenAt(OVERNIGHT, "Europe/Atlantis", new Date(0))).toThrow(RangeError);
  });

  it("agrees with a table of all minutes of the week, across changes of the clock", () => {
    const starts = ["2026-03-26", "2026-04-02", "2026-09-03", "2026-10-22"].map((day) =>
      Date.parse(`${day}T00:00:00Z`),
    );
    fc.assert(
      fc.property(weeklyHours, fc.constantFrom(...ZONES), fc.constantFrom(...starts), (hours, timeZone, start) => {
        const table = minutesOfWeek(hours.weekly);
        const clock = wallClock(timeZone);
        for (let minute = 0; minute < 7 * 1440; minute += 1) {
          const now = new Date(start + minute * 60_000);
          if (isOpenAt(hours, timeZone, now) !== (table[clock(now)] === 1)) return false;
        }
        return true;
      }),
      { numRuns: 8 },
    );
  });
});

describe("isOpenAt with days on which nobody answers", () => {
  it.each<[string, readonly string[], string, boolean]>([
    // 2026-12-25 is a Friday; Copenhagen is at UTC+1 then.
    ["a holiday", ["2026-12-25"], "2026-12-25T11:00:00Z", false],
    ["the night that begins on it", ["2026-12-25"], "2026-12-26T00:30:00Z", false],
    ["the night that began before it goes on", ["2026-12-25"], "2026-12-25T00:30:00Z", true],
    ["the day after", ["2026-12-25"], "2026-12-26T10:00:00Z", true],
    ["the local day counts, not the one of UTC", ["2026-12-24"], "2026-12-24T23:30:00Z", false],
    ["a holiday of another year", ["2025-12-25"], "2026-12-25T11:00:00Z", true],
  ])("%s", (_name, closedOn, now, open) => {
    expect(isOpenAt(OVERNIGHT, "Europe/Copenhagen", new Date(now), closedOn)).toBe(open);
  });

  it.each([
    ["2026-12-24T22:59:00Z", true],
    ["2026-12-24T23:00:00Z", false],
    ["2026-12-25T22:59:00Z", false],
    ["2026-12-25T23:00:00Z", true],
  ])("closes what is open day and night from midnight to midnight: %s", (now, open) => {
    expect(isOpenAt({ always: true }, "Europe/Copenhagen", new Date(now), ["2026-12-25"])).toBe(open);
  });

  it("agrees with a walk through every minute, with breaks, nights, holidays and changes of the clock", () => {
    // Eight days, with a change of the clock in Copenhagen or Santiago among them.
    const starts = ["2026-03-26", "2026-04-02", "2026-09-03", "2026-10-22"];
    const offsets = fc.uniqueArray(fc.integer({ min: 0, max: 7 }), { minLength: 1, maxLength: 3 });
    let openMinutes = 0;
    fc.assert(
      fc.property(
        weeklyHours,
        fc.constantFrom(...ZONES),
        fc.constantFrom(...starts),
        offsets,
        (hours, timeZone, first, closed) => {
          const dates = Array.from({ length: 10 }, (_, index) => dateAfter(first, index - 1));
          const closedOn = closed.map((offset) => dateAfter(first, offset));
          const open = openMinutesOf(hours.weekly, dates, closedOn);
          const format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" });
          for (let minute = 720; minute < 7 * 1440; minute += 1) {
            const now = new Date(Date.parse(`${first}T00:00:00Z`) + minute * 60_000);
            const expected = open.has(format.format(now));
            if (expected) openMinutes += 1;
            if (isOpenAt(hours, timeZone, now, closedOn) !== expected) return false;
          }
          return true;
        },
      ),
      { numRuns: 8 },
    );
    expect(openMinutes).toBeGreaterThan(0);
  });
});

describe("openState", () => {
  it("knows no holidays without a time zone", () => {
    const always: ReferralChannel = { kind: "call", address: "116", hours: { always: true } };
    const now = new Date("2026-12-25T12:00:00Z");
    expect(openState([always], now, ["2026-12-25"])).toBe("unknown");
    expect(openState([{ ...always, timeZone: "Africa/Nairobi" }], now, ["2026-12-25"])).toBe("closed");
  });

  const noon = new Date("2026-11-21T12:00:00Z");
  const call = { kind: "call", address: "116" } as const;
  const mornings = { weekly: [{ days: DAYS, from: "08:00", to: "09:00" }] };
  it.each<[string, readonly ReferralChannel[], string | undefined]>([
    ["day and night", [{ ...call, hours: { always: true } }], "open"],
    ["closed now", [{ ...call, hours: mornings, timeZone: "Africa/Nairobi" }], "closed"],
    ["hours without a time zone", [{ ...call, hours: mornings }], "unknown"],
    ["no hours", [call], "unknown"],
    ["hours in words only", [{ ...call, hoursText: "weekdays" }], "unknown"],
    [
      "a page does not keep a closed line open",
      [
        { ...call, hours: mornings, timeZone: "Africa/Nairobi" },
        { kind: "web", address: "https://a.example" },
      ],
      "closed",
    ],
    [
      "one of two lines is open",
      [
        { ...call, hours: mornings, timeZone: "Africa/Nairobi" },
        { kind: "text", address: "116", hours: { always: true } },
      ],
      "open",
    ],
    [
      "one of two lines may be open",
      [
        { ...call, hours: mornings, timeZone: "Africa/Nairobi" },
        { kind: "text", address: "116" },
      ],
      "unknown",
    ],
    ["a page alone has no hours", [{ kind: "web", address: "https://a.example" }], undefined],
  ])("%s", (_name, channels, state) => {
    expect(openState(channels, noon)).toBe(state);
  });
});

/** 1 for each open minute, Sunday 00:00 first: filled in minute by minute, with none of the arithmetic under test. */
function minutesOfWeek(weekly: Extract<OpeningHours, { weekly: unknown }>["weekly"]): Uint8Array {
  const table = new Uint8Array(7 * 1440);
  for (const { days, from, to } of weekly) {
    for (const day of days) {
      let at = DAYS.indexOf(day) * 1440 + minutes(from);
      do {
        table[at % table.length] = 1;
        at += 1;
      } while (at % 1440 !== minutes(to) % 1440);
    }
  }
  return table;
}

/** Local minutes such as `2026-11-21 09:30` that are open, walked through one after another from each opening. */
function openMinutesOf(
  weekly: Extract<OpeningHours, { weekly: unknown }>["weekly"],
  dates: readonly string[],
  closedOn: readonly string[],
): ReadonlySet<string> {
  const open = new Set<string>();
  for (const { days, from, to } of weekly) {
    for (const date of dates) {
      const weekday = DAYS[new Date(`${date}T00:00:00Z`).getUTCDay()];
      if (closedOn.includes(date) || !days.includes(weekday)) continue;
      const walk = new Date(`${date}T${from}:00Z`);
      do {
        open.add(walk.toISOString().slice(0, 16).replace("T", " "));
        walk.setUTCMinutes(walk.getUTCMinutes() + 1);
      } while (walk.toISOString().slice(11, 16) !== to.replace("24:00", "00:00"));
    }
  }
  return open;
}

function dateAfter(date: string, count: number): string {
  return new Date(Date.parse(date) + count * 86_400_000).toISOString().slice(0, 10);
}

function minutes(clock: string): number {
  const [hour, minute] = clock.split(":").map(Number);
  return hour * 60 + minute;
}

/** Minute of the local week, by way of the date rather than of the weekday's name. */
function wallClock(timeZone: string): (now: Date) => number {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" });
  return (now) => {
    const local = new Date(`${format.format(now).replace(" ", "T")}:00Z`);
    return local.getUTCDay() * 1440 + local.getUTCHours() * 60 + local.getUTCMinutes();
  };
}
