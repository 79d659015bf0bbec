import { describe, expect, it } from "vitest";
import { DAYS } from "../../../src/referral/schema.js";
import { readPublishedHours } from "../../../src/referral/source/published-hours.js";

const WEEKDAYS = ["MO", "TU", "WE", "TH", "FR"];

describe("readPublishedHours", () => {
  it.each<[string, unknown]>([
    ["24/7", { always: true }],
    ["daily 09-23", { weekly: [{ days: DAYS, from: "09:00", to: "23:00" }] }],
    ["Mon-Fri 07:30-15:30", { weekly: [{ days: WEEKDAYS, from: "07:30", to: "15:30" }] }],
    ["Sun-Thu 09-18", { weekly: [{ days: ["SU", "MO", "TU", "WE", "TH"], from: "09:00", to: "18:00" }] }],
    ["Fri-Mon 9-17", { weekly: [{ days: ["SU", "MO", "FR", "SA"], from: "09:00", to: "17:00" }] }],
    [
      "Mon-Fri 07-02; Sat-Sun 11-24",
      {
        weekly: [
          { days: WEEKDAYS, from: "07:00", to: "02:00" },
          { days: ["SU", "SA"], from: "11:00", to: "24:00" },
        ],
      },
    ],
    [
      "Mon,Wed,Fri 14-18; Tue,Thu 9-13",
      {
        weekly: [
          { days: ["MO", "WE", "FR"], from: "14:00", to: "18:00" },
          { days: ["TU", "TH"], from: "09:00", to: "13:00" },
        ],
      },
    ],
  ])("reads %s", (published, expected) => {
    expect(readPublishedHours(published)).toEqual(expected);
  });

  it.each([
    "11:00-04:00",
    "24/7 (source claim)",
    "24/7 (Polish); 14-24 Ukrainian,Russian",
    "daily 16-21; 24 h on the 10th",
    "Mon-Sat from 08:00",
    "11:00-23:00 (Fri, Sat to 03:00)",
    "Foo-Bar 8-20",
    "",
  ])("does not guess at %j", (published) => {
    expect(readPublishedHours(published)).toBeUndefined();
  });
});
