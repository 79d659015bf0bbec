import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ERROR_MESSAGES } from "../src/errors.js";
import { CATEGORIES, SIGNALS, URGENCIES } from "../src/labels.js";

interface Label {
  readonly id: string;
  readonly language: string;
  readonly urgency: string;
  readonly categories: readonly string[];
  readonly signals: readonly string[];
}

type Message = Readonly<Record<string, unknown>> & { readonly text: string };

const FOLDER = new URL("../fixtures/", import.meta.url);

function readBytes(name: string): Buffer {
  return readFileSync(new URL(name, FOLDER));
}

/** One entry a line, in Latin-1 so that invalid UTF-8 survives; a last line without a line end counts. */
function readLines(name: string): readonly string[] {
  const lines = readBytes(name).toString("latin1").split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function utf8(line: string): string {
  return Buffer.from(line, "latin1").toString("utf8");
}

/** What a line should give, worked out with `JSON.parse` instead of the product's own reader. */
function expectedError(line: string): string | null {
  let value: unknown;
  try {
    value = JSON.parse(utf8(line));
  } catch {
    return "LINE_NOT_JSON";
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "LINE_NOT_JSON";
  const { text, id, language, country, age, ...others } = value as Record<string, unknown>;
  if (JSON.stringify([id, language, country, age, others]).includes("\uFFFD")) return "LINE_NOT_UTF8";
  if (text === undefined) return "TEXT_MISSING";
  if (typeof text !== "string") return "TEXT_NOT_STRING";
  if (text.trim() === "") return "TEXT_EMPTY";
  if (!Number.isInteger(id ?? 0) && typeof id !== "string") return "FIELD_INVALID";
  if (typeof (language ?? "") !== "string" || typeof (country ?? "") !== "string") return "FIELD_INVALID";
  if (typeof (age ?? 0) !== "number" || Number(age ?? 0) < 0 || Number(age ?? 0) > 120) return "FIELD_INVALID";
  return null;
}

const labels: readonly Label[] = readLines("inbox.labels.jsonl").map((line) => JSON.parse(line));
const labelById = new Map(labels.map((label) => [label.id, label]));
const inbox = readLines("inbox.jsonl");
const messages: readonly Message[] = inbox
  .filter((line) => expectedError(line) === null)
  .map((line) => JSON.parse(utf8(line)));
const messageById = new Map(messages.map((message) => [message.id, message]));
const badFiles = readdirSync(new URL("bad-input/", FOLDER)).map((name) => `bad-input/${name}`);
const readme = readBytes("README.md").toString("utf8");
const documented = [...readme.matchAll(/^\| `([^`]+)` \| (\d+) \| `([A-Z0-9_]+)` \|/gm)].map(
  ([, file = "", line = "", code = ""]) => ({ file, line: Number(line), code }),
);

describe("inbox", () => {
  it("has 80 lines, of which five cannot be scored and one repeats an id", () => {
    expect(inbox).toHaveLength(80);
    expect(messages).toHaveLength(75);
    expect(messageById.size).toBe(74);
  });

  it("has one label for each id, in the order of the messages", () => {
    expect(labels.map((label) => label.id)).toEqual([...messageById.keys()]);
  });

  it.each(labels)("labels $id with known names", (label) => {
    expect(Object.keys(label)).toEqual(["id", "language", "urgency", "categories", "signals"]);
    expect(URGENCIES).toContain(label.urgency);
    expect(CATEGORIES).toEqual(expect.arrayContaining([...label.categories]));
    expect(SIGNALS).toEqual(expect.arrayContaining([...label.signals]));
    expect(new Set(label.categories).size).toBe(label.categories.length);
    expect(new Set(label.signals).size).toBe(label.signals.length);
  });

  it("covers every level, category and signal", () => {
    expect(new Set(labels.map((label) => label.urgency))).toEqual(new Set(URGENCIES));
    expect(new Set(labels.flatMap((label) => label.categories))).toEqual(new Set(CATEGORIES));
    expect(new Set(labels.flatMap((label) => label.signals))).toEqual(new Set(SIGNALS));
  });

  it("is written in the languages that the README names", () => {
    expect([...new Set(labels.map((label) => label.language))].sort()).toEqual(
      "am ar bn de en es fil fr hi hi-Latn id it ko pl pt ru sw tr zh".split(" "),
    );
  });

  it("states no language that contradicts the label", () => {
    const stated = messages.filter((message) => message.language !== undefined);
    expect(stated.length).toBeGreaterThan(5);
    expect(stated.length).toBeLessThan(messages.length / 4);
    for (const message of stated) {
      const tag = new Intl.Locale(String(message.language)).language;
      expect(tag).toBe(new Intl.Locale(labelById.get(String(message.id))?.language ?? "und").language);
    }
  });

  it.each([
    ["idiom", "m04", "routine", "m05", "immediate"],
    ["past", "m09", "routine", "m10", "immediate"],
    ["denial", "m11", "routine", "m12", "soon"],
    ["locked door", "m14", "routine", "m13", "immediate"],
    ["wedding", "m17", "routine", "m16", "immediate"],
    ["fiction", "m21", "routine", "m22", "immediate"],
    ["quotation", "m38", "routine", "m39", "urgent"],
    ["long message", "m28", "routine", "m27", "urgent"],
  ])("sets a hard pair side by side: %s", (_name, milder, mild, graver, grave) => {
    const ids = messages.map((message) => message.id);
    expect(Math.abs(ids.indexOf(milder) - ids.indexOf(graver))).toBe(1);
    expect(labelById.get(milder)?.urgency).toBe(mild);
    expect(labelById.get(graver)?.urgency).toBe(grave);
  });

  it.each(["m27", "m28"])("keeps %s longer than 150 words", (id) => {
    expect(messageById.get(id)?.text.split(/\s+/).length).toBeGreaterThan(150);
  });

  it.each(messages)("names no account, address or number in $id", ({ text }) => {
    expect(text.replaceAll("@user", "").replaceAll(/ch@t|v@te/g, "")).not.toMatch(/@|https?:|www\.|\d[\d\s-]{5,}\d/);
  });
});

describe("expected errors", () => {
  it("uses only codes that exist", () => {
    expect(documented.length).toBeGreaterThan(20);
    for (const { code } of documented) expect(ERROR_MESSAGES).toHaveProperty(code);
  });

  it.each(["inbox.jsonl", ...badFiles])("are documented for %s exactly as the file has them", (file) => {
    const found = readLines(file).flatMap((line, index) => {
      const code = expectedError(line.replace(/^\xEF\xBB\xBF/, ""));
      return code === null ? [] : [{ file, line: index + 1, code }];
    });
    expect(documented.filter((row) => row.file === file)).toEqual(found);
  });
});

describe("bad input", () => {
  it.each([
    ["blank-lines.jsonl", 11],
    ["bom-crlf.jsonl", 3],
    ["duplicate-ids.jsonl", 4],
    ["invalid-utf8.jsonl", 9],
    ["nul-bytes.jsonl", 4],
    ["unknown-fields.jsonl", 7],
    ["wrong-types.jsonl", 16],
  ])("has all lines of %s", (name, count) => {
    expect(badFiles).toContain(`bad-input/${name}`);
    expect(readLines(`bad-input/${name}`)).toHaveLength(count);
  });

  it.each([
    ["bom-crlf.jsonl", "starts with a byte order mark", /^\xEF\xBB\xBF\{/],
    ["bom-crlf.jsonl", "ends lines with CR LF and the last not at all", /^[^\n]*\r\n[^\n]*\r\n[^\r\n]*\}$/],
    ["invalid-utf8.jsonl", "holds a stray byte", / \xFF /],
    ["invalid-utf8.jsonl", "holds a cut sequence", /\xE2\x82"/],
    ["invalid-utf8.jsonl", "holds an overlong sequence", / \xC0\xAF /],
    ["invalid-utf8.jsonl", "holds an encoded surrogate", / \xED\xA0\x80 /],
    ["nul-bytes.jsonl", "writes NUL as an escape", /\\u0000/],
    ["blank-lines.jsonl", "ends with a blank line", /\}\n\n$/],
  ])("%s %s", (name, _what, pattern) => {
    expect(readBytes(`bad-input/${name}`).toString("latin1")).toMatch(pattern);
  });

  it("repeats an id in duplicate-ids.jsonl with different texts", () => {
    const repeated = readLines("bad-input/duplicate-ids.jsonl")
      .map((line) => JSON.parse(line))
      .filter((message) => message.id === "d1");
    expect(new Set(repeated.map((message) => message.text)).size).toBe(3);
  });
});
