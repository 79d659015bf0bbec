import { describe, expect, it } from "vitest";
import type { Category, Urgency } from "../../src/labels.js";
import { type Counsellor, checkCounsellor, checkTicket, fits, type NewTicket } from "../../src/queue/ticket.js";

const ticket: NewTicket = { id: "a-1", level: "soon", priority: 0.3 };
const invalid = expect.objectContaining({ code: "TICKET_INVALID" });

describe("checkTicket", () => {
  it.each<[string, object, object]>([
    ["what is left out", {}, { categories: [], since: 1000 }],
    ["an earlier beginning", { since: 400 }, { since: 400 }],
    ["a beginning that lies in the future, as now", { since: 2000 }, { since: 1000 }],
    [
      "everything else as it is",
      { categories: ["suicide", "neglect"], language: "sw-KE", trend: -0.5 },
      { categories: ["suicide", "neglect"], language: "sw-KE", trend: -0.5 },
    ],
  ])("takes %s", (_, more, expected) => {
    expect(checkTicket({ ...ticket, ...more }, 1000)).toMatchObject({ ...ticket, ...expected });
  });

  it("copies the categories", () => {
    const categories: Category[] = ["bullying"];
    const checked = checkTicket({ ...ticket, categories }, 0);
    categories.push("suicide");
    expect(checked.categories).toEqual(["bullying"]);
  });

  it.each<[string, unknown]>([
    ["no object", "a-1"],
    ["nothing", null],
    ["a list", [ticket]],
    ["a text", { ...ticket, text: "hello" }],
    ["any other field", { ...ticket, name: 1 }],
    ["no id", { ...ticket, id: undefined }],
    ["an id that is a number", { ...ticket, id: 1 }],
    ["an empty id", { ...ticket, id: "" }],
    ["a sentence as id", { ...ticket, id: "a b" }],
    ["a long id", { ...ticket, id: "a".repeat(129) }],
    ["an unknown level", { ...ticket, level: "high" }],
    ["no level", { ...ticket, level: undefined }],
    ["a priority below 0", { ...ticket, priority: -0.1 }],
    ["a priority above 1", { ...ticket, priority: 1.1 }],
    ["a priority that is no number", { ...ticket, priority: Number.NaN }],
    ["a priority in letters", { ...ticket, priority: "0.5" }],
    ["an unknown category", { ...ticket, categories: ["sadness"] }],
    ["a category twice", { ...ticket, categories: ["suicide", "suicide"] }],
    ["categories that are no list", { ...ticket, categories: "suicide" }],
    ["a language that is a sentence", { ...ticket, language: "I speak Swahili" }],
    ["a trend in words", { ...ticket, trend: "rising" }],
    ["a beginning that is no number", { ...ticket, since: Number.NaN }],
    ["a beginning in letters", { ...ticket, since: "2026-01-01" }],
  ])("refuses %s", (_, value) => {
    expect(() => checkTicket(value as NewTicket, 0)).toThrow(invalid);
  });
});

describe("checkCounsellor", () => {
  it.each<[string, unknown]>([
    ["a name", { name: "x" }],
    ["languages that are no list", { languages: "en" }],
    ["a language that is none", { languages: ["?"] }],
    ["an unknown skill", { skills: ["listening"] }],
    ["nothing", undefined],
  ])("refuses %s", (_, value) => {
    expect(() => checkCounsellor(value as Counsellor)).toThrow(invalid);
  });
});

describe("fits", () => {
  const waiting = (language?: string, ...categories: Category[]) =>
    checkTicket({ id: "a", level: "soon" as Urgency, priority: 0, categories, ...(language && { language }) }, 0);
  it.each([
    ["anything, for a counsellor who states nothing", waiting("sw", "suicide"), {}, true],
    ["the language", waiting("sw"), { languages: ["en", "sw"] }, true],
    ["the language of another region", waiting("pt-BR"), { languages: ["PT-pt"] }, true],
    ["not another language", waiting("sw"), { languages: ["en"] }, false],
    ["not a language that begins alike", waiting("fil"), { languages: ["fi"] }, false],
    ["a language that nobody knows", waiting(), { languages: ["en"] }, true],
    ["an undetermined language", waiting("und"), { languages: ["en"] }, true],
    ["one of the categories", waiting("en", "suicide", "neglect"), { skills: ["neglect"] }, true],
    ["no other category", waiting("en", "suicide"), { skills: ["neglect"] }, false],
    ["a ticket without category", waiting("en"), { skills: ["neglect"] }, true],
    ["not with one of two", waiting("sw", "suicide"), { languages: ["sw"], skills: ["neglect"] }, false],
    ["nothing, for a counsellor of no language", waiting("sw"), { languages: [] }, false],
  ] as const)("takes %s", (_, one, counsellor, expected) => {
    expect(fits(one, counsellor)).toBe(expected);
  });
});
