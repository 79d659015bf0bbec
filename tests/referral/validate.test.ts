import { describe, expect, it } from "vitest";
import { EarshotError } from "../../src/errors.js";
import { DAYS, type DirectoryEntry } from "../../src/referral/schema.js";
import { validateDirectory, validateOwnDirectory } from "../../src/referral/validate.js";
import { directoryOf, entryOf } from "./arbitraries.js";

const CALL = { kind: "call", address: "116 111" } as const;

describe("validateDirectory", () => {
  it("accepts every field", () => {
    const directory = directoryOf([
      entryOf({
        id: "ke-line",
        region: "Nairobi",
        operator: "Operator",
        channels: [
          {
            ...CALL,
            hours: { weekly: [{ days: DAYS, from: "22:00", to: "02:00" }] },
            hoursText: "at night",
            timeZone: "Africa/Nairobi",
            cost: "free",
          },
          { kind: "call", address: "*0767" },
          { kind: "call", address: "+254 (0)722-178 177" },
          { kind: "text", address: "HOME to 741741" },
          { kind: "chat", address: "WhatsApp 08111-129-129" },
          { kind: "email", address: "help@line.example" },
          { kind: "web", address: "https://line.example/" },
        ],
        languages: ["sw", "zh-Hant"],
        ages: { from: 0, to: 17 },
        closedOnHolidays: true,
        accessibility: ["sign language by video"],
        anonymous: true,
      }),
    ]);
    expect(validateDirectory(structuredClone(directory))).toEqual(directory);
  });

  it.each<[string, object]>([
    ["an unknown field", { phone: "1" }],
    ["an explicit undefined", { region: undefined }],
    ["a country by its name", { country: "Kenya" }],
    ["the reserved code UK", { country: "UK" }],
    ["a number for the whole world", { country: "001" }],
    ["no kind", { kinds: [] }],
    ["an unknown kind", { kinds: ["hospital"] }],
    ["an unknown topic", { topics: ["weather"] }],
    ["no channel", { channels: [] }],
    ["a number of prose", { channels: [{ kind: "call", address: "see the site" }] }],
    ["two numbers in one", { channels: [{ kind: "call", address: "112 / 999" }] }],
    ["an address with a stray space", { channels: [{ kind: "call", address: "116 " }] }],
    ["an address of another scheme", { channels: [{ kind: "web", address: "javascript:alert(1)" }] }],
    ["a broken e-mail address", { channels: [{ kind: "email", address: "help" }] }],
    ["an unknown time zone", { channels: [{ ...CALL, timeZone: "Europe/Atlantis" }] }],
    ["hours of no day", { channels: [{ ...CALL, hours: { weekly: [{ days: [], from: "08:00", to: "09:00" }] } }] }],
    [
      "an hour that does not exist",
      { channels: [{ ...CALL, hours: { weekly: [{ days: ["MO"], from: "24:00", to: "09:00" }] } }] },
    ],
    ["a language by its name", { languages: ["English"] }],
    ["ages upside down", { ages: { from: 18, to: 5 } }],
    ["a date that does not exist", { verifiedOn: "2026-02-30" }],
    ["an empty source", { source: "" }],
    ["a source of nothing but space", { source: " " }],
    ["no source", { source: undefined }],
    ["a holiday that does not exist", { closedOn: ["2026-02-30"] }],
    [
      "holidays of a place nobody knows",
      { closedOn: ["2026-12-25"], channels: [{ ...CALL, hours: { always: true } }] },
    ],
  ])("refuses %s", (_name, fields) => {
    const broken = { ...entryOf({ id: "ke-line" }), ...fields } as DirectoryEntry;
    const error = catchError(() => validateDirectory(directoryOf([broken])));
    expect(error).toBeInstanceOf(EarshotError);
    expect(error).toMatchObject({ code: "DIRECTORY_INVALID", details: { problems: expect.any(Number) } });
  });

  it.each([undefined, null, [], "directory", { entries: [] }])("refuses %j", (value) => {
    expect(catchError(() => validateDirectory(value))).toMatchObject({ code: "DIRECTORY_INVALID" });
  });

  it("accepts holidays with a time zone", () => {
    const channels = [{ ...CALL, hours: { always: true }, timeZone: "Africa/Nairobi" }, CALL] as const;
    const directory = directoryOf([entryOf({ id: "ke-line", closedOn: ["2026-12-25"], channels })]);
    expect(validateDirectory(directory)).toEqual(directory);
  });

  it("refuses an id that is used twice", () => {
    const directory = directoryOf([entryOf({ id: "same" }), entryOf({ id: "same", country: "GB" })]);
    expect(catchError(() => validateDirectory(directory))).toMatchObject({ details: { problems: 1 } });
  });
});

describe("validateOwnDirectory", () => {
  it.each<[string, object]>([
    ["ids to leave out", { leaveOut: ["gb-childline"] }],
    ["all left out", { leaveOut: "all" }],
    ["some words", { messages: { "pt-PT": { soon: { adult: "Words." } } } }],
  ])("accepts %s", (_name, fields) => {
    const own = { ...directoryOf([]), ...fields };
    expect(validateOwnDirectory(own)).toEqual(own);
  });

  it.each<[string, object]>([
    ["something else to leave out", { leaveOut: "none" }],
    ["words for no level", { messages: { en: { later: { adult: "Words." } } } }],
    ["words for no age", { messages: { en: { soon: { baby: "Words." } } } }],
    ["no words", { messages: { en: { soon: { adult: "" } } } }],
    ["words in no language", { messages: { English: { soon: { adult: "Words." } } } }],
    ["an unknown field", { leaveout: [] }],
  ])("refuses %s", (_name, fields) => {
    expect(catchError(() => validateOwnDirectory({ ...directoryOf([]), ...fields }))).toMatchObject({
      code: "DIRECTORY_INVALID",
      details: { problems: 1 },
    });
  });
});

function catchError(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}
