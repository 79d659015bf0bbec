import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { URGENCIES } from "../../src/labels.js";
import { DEFAULT_POLICY } from "../../src/policy/schema.js";
import { MAXIMUM_TEXT_BYTES } from "../../src/triage.js";
import {
  BASE_PACK,
  documentedErrors,
  FIXTURES,
  INPUT_FILES,
  isAssessment,
  type OutputLine,
  parseFailure,
  parseLines,
  run,
  scoreMessages,
} from "./command.js";

const ESCAPE = "\u001b";
const MEGABYTE = 1024 * 1024;
const INBOX = join(FIXTURES, "inbox.jsonl");

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "earshot-score-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function temporaryFile(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Lines of an input file, in Latin-1 so that invalid UTF-8 survives. */
function inputLines(file: string): readonly string[] {
  const lines = readFileSync(join(FIXTURES, file), "latin1")
    .replace(/^\xEF\xBB\xBF/, "")
    .split("\n");
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

describe("earshot score on the fixtures", () => {
  it.each(INPUT_FILES)("gives one line of output for each line of %s, in order", async (file) => {
    const input = inputLines(file);
    const errors = documentedErrors(file);
    const { exitCode, stdout, stderr } = await run(["score", join(FIXTURES, file)]);
    const output = parseLines(stdout);
    expect(stderr).toBe("");
    expect(output).toHaveLength(input.length);
    for (const [index, result] of output.entries()) {
      const error = errors.get(index + 1);
      if (error !== undefined) expect(result).toEqual({ line: index + 1, error });
      else {
        expect(isAssessment(result), `line ${index + 1}`).toBe(true);
        expect(result.id).toBe(String(JSON.parse(input[index]).id));
      }
    }
    expect(exitCode).toBe(errors.size > 0 ? 3 : 0);
  });

  it("says of undecodable text that it is, and of one stray byte nothing", async () => {
    const output = parseLines((await run(["score", join(FIXTURES, "bad-input/invalid-utf8.jsonl")])).stdout);
    const byId = new Map(output.map((result) => [result.id, result]));
    expect(byId.get("u8")?.review).toContain("UNDECODABLE");
    expect(byId.get("u8")?.urgency).not.toBe("routine");
    for (const id of ["u1", "u2"]) expect(byId.get(id)?.review, id).not.toContain("UNDECODABLE");
  });
});

describe("formats", () => {
  it("writes JSON Lines when piped, the same for a file and for standard input", async () => {
    const named = await run(["score", INBOX]);
    const dash = await run(["score", "-"], readFileSync(INBOX));
    const piped = await run(["score", "--format", "jsonl"], readFileSync(INBOX));
    expect(parseLines(named.stdout)).toHaveLength(80);
    expect(dash).toEqual(named);
    expect(piped).toEqual(named);
  });

  it("writes one JSON array with the same results", async () => {
    const array = await run(["score", "--format", "json", INBOX]);
    const lines = await run(["score", INBOX]);
    expect(array.exitCode).toBe(3);
    expect(JSON.parse(array.stdout)).toEqual(parseLines(lines.stdout));
  });

  it.each([
    ["jsonl", ""],
    ["json", "[\n]\n"],
  ])("writes no result for no input as %s", async (format, expected) => {
    expect(await run(["score", "--format", format])).toEqual({ exitCode: 0, stdout: expected, stderr: "" });
  });

  it("writes a table, gravest first, with a letter beside each level and no colour when piped", async () => {
    const { exitCode, stdout } = await run(["score", "--format", "table", INBOX]);
    const levels = [...stdout.matchAll(/^│ ([IUSR]) (immediate|urgent|soon|routine) /gm)];
    const ranks = levels.map(([, , level]) => URGENCIES.indexOf(level as (typeof URGENCIES)[number]));
    expect(exitCode).toBe(3);
    expect(levels).toHaveLength(75);
    for (const [, letter, level] of levels) expect(letter).toBe(level[0].toUpperCase());
    expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
    expect(stdout).toContain("line 6 LINE_NOT_JSON");
    expect(stdout).not.toContain(ESCAPE);
  });

  it("shows the gravest rows only with --top, and says how many are left", async () => {
    const all = await run(["score", "--format", "table", INBOX]);
    const { stdout } = await run(["score", "--format", "table", "--top", "3", INBOX]);
    const names = (table: string): string[] => [...table.matchAll(/│ (m\d\d) /g)].map(([, id]) => id);
    expect(names(stdout)).toEqual(names(all.stdout).slice(0, 3));
    expect(stdout).toContain("3 shown, 72 less grave ones not");
    expect(stdout).toContain("75 messages");
  });
});

describe("what a caller says about messages", () => {
  const danger = { text: "my neighbour has a knife and he is at my door right now, please help" };

  it("names helpers of --country, and of the message's own country before it", async () => {
    const { lines } = await scoreMessages([danger, { ...danger, country: "GB" }], "--country", "ke");
    expect(lines.map(({ referrals }) => referrals?.[0]?.country)).toEqual(["KE", "GB"]);
  });

  it("shows no number without a country", async () => {
    const { lines } = await scoreMessages([danger]);
    expect(lines[0].referralNotice).toBe("COUNTRY_UNKNOWN");
    for (const { channels } of lines[0].referrals ?? [])
      for (const { kind } of channels) expect(["web", "email"]).toContain(kind);
  });

  it("takes --language for all, and the message's own before it", async () => {
    const { lines } = await scoreMessages([danger, { ...danger, language: "sw" }], "--language", "xx");
    expect(lines.map(({ language }) => language?.tag)).toEqual(["xx", "sw"]);
    expect(lines[0].review).toContain("LANGUAGE_UNSUPPORTED");
  });

  it("returns spans only when asked for, as ranges of the text's bytes", async () => {
    const message = { text: "né à la maison, help" };
    const bytes = Buffer.byteLength(message.text);
    const [without, withSpans] = [await scoreMessages([message]), await scoreMessages([message], "--spans")];
    expect(without.lines[0]).not.toHaveProperty("spans");
    const spans = withSpans.lines[0].spans ?? [];
    expect(spans.length).toBeGreaterThanOrEqual(5);
    for (const [start, end] of spans) {
      expect(start).toBeLessThan(end);
      expect(end).toBeLessThanOrEqual(bytes);
    }
    expect(withSpans.stdout).not.toContain("maison");
  });

  it("reads plain lines with --lines, byte order mark and CR LF included", async () => {
    const { exitCode, stdout } = await run(
      ["score", "--lines"],
      '\uFEFFfirst line\r\n{"text":"no JSON"}\n\n \t\nlast line',
    );
    const [first, braces, ...others] = parseLines(stdout);
    expect(first.coverage?.bytes).toBe("first line".length);
    expect(braces.coverage?.bytes).toBe('{"text":"no JSON"}'.length);
    expect(others.slice(0, 2)).toEqual([
      { line: 3, error: "TEXT_EMPTY" },
      { line: 4, error: "TEXT_EMPTY" },
    ]);
    expect(isAssessment(others[2])).toBe(true);
    expect(exitCode).toBe(3);
  });

  it("scores bytes that are no UTF-8 and NUL bytes in plain lines", async () => {
    const input = Buffer.from([0xff, 0xfe, 0xfd, 0x0a, 0x61, 0x00, 0x62, 0x0a, 0x00, 0x00, 0x0a, 0x6f, 0x6b, 0x0a]);
    const [garbage, withNul, onlyNul, fine] = parseLines((await run(["score", "--lines"], input)).stdout);
    expect(garbage.review).toContain("UNDECODABLE");
    expect(isAssessment(withNul)).toBe(true);
    expect(onlyNul).toEqual({ line: 3, error: "TEXT_EMPTY" });
    expect(isAssessment(fine)).toBe(true);
  });
});

describe("length", () => {
  const follower = "the next one is short";
  const words = (bytes: number): string => "words and words ".repeat(Math.ceil(bytes / 16)).slice(0, bytes);

  it.each([
    ["JSON", 10, (text: string) => JSON.stringify({ id: "long", text }), () => JSON.stringify({ text: follower })],
    ["JSON", 2, (text: string) => JSON.stringify({ id: "long", text }), () => JSON.stringify({ text: follower })],
    ["plain", 10, (text: string) => text, () => follower],
    ["plain", 2, (text: string) => text, () => follower],
  ])("scores the beginning of a %s line of %i MB, and the line after it", async (kind, megabytes, toLine, next) => {
    const input = `${toLine(words(megabytes * MEGABYTE))}\n${next()}\n`;
    const { exitCode, stdout } = await run(["score", ...(kind === "plain" ? ["--lines"] : [])], input);
    const [long, short, ...others] = parseLines(stdout);
    expect(others).toEqual([]);
    expect(exitCode).toBe(0);
    expect(long.review).toContain("TRUNCATED");
    expect(long.urgency).not.toBe("routine");
    expect(long.coverage?.truncated).toBe(true);
    expect(long.coverage?.tokens).toBeGreaterThan(MAXIMUM_TEXT_BYTES / 6);
    expect(short.coverage).toEqual({ bytes: follower.length, tokens: 5, windows: 0, truncated: false });
  });

  it("scores the whole of a text over 64 KiB", async () => {
    const text = words(200_000);
    const { lines } = await scoreMessages([{ text }]);
    expect(lines[0].review).not.toContain("TRUNCATED");
    expect(lines[0].coverage).toMatchObject({
      bytes: 200_000,
      tokens: text.trim().split(" ").length,
      truncated: false,
    });
    expect(lines[0].coverage?.windows).toBeGreaterThan(100);
  });

  it("rejects a line whose text does not begin within the limit, and scores the next", async () => {
    const { lines } = await scoreMessages([{ note: words(9 * MEGABYTE), text: follower }, { text: follower }]);
    expect(lines[0]).toEqual({ line: 1, error: "LINE_TOO_LONG" });
    expect(isAssessment(lines[1])).toBe(true);
  });
});

describe("what reaches a terminal", () => {
  const text = "zebrawords stand here and hold no number";
  const steering = `${ESCAPE}\u009b\u202e\u2066\u0007`;

  it.each(["table", "jsonl", "json"])("holds nothing of the text as %s", async (format) => {
    const { stdout, stderr } = await scoreMessages([{ text }, { text: `${text}.` }], "--format", format, "--spans");
    expect(stdout.length).toBeGreaterThan(100);
    expect(stdout + stderr).not.toContain("zebra");
  });

  it("holds the beginning of the text with --preview, and only in the table", async () => {
    const table = await scoreMessages([{ text }], "--format", "table", "--preview");
    const lines = await scoreMessages([{ text }], "--preview");
    expect(table.stdout).toContain(text.slice(0, 24));
    expect(table.stdout).not.toContain(text.slice(0, 25));
    expect(lines.stdout).not.toContain("zebra");
  });

  it("holds no control or bidirectional character of a preview or an id", async () => {
    const { stdout } = await scoreMessages(
      [{ id: `a${steering}b`, text: `c${steering}d` }],
      "--format",
      "table",
      "--preview",
    );
    expect(stdout).toMatch(/\ba +b\b/);
    expect(stdout).toMatch(/\bc +d\b/);
    expect(stdout.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });

  it("returns an id as it came in JSON, with control characters escaped", async () => {
    const id = `a${ESCAPE}[2J`;
    const { stdout, lines } = await scoreMessages([{ id, text }]);
    expect(lines[0].id).toBe(id);
    expect(stdout).not.toContain(ESCAPE);
  });
});

describe("wrong use", () => {
  it.each([
    ["an unknown option", ["score", "--colour"]],
    ["an unknown format", ["score", "--format", "xml"]],
    ["an unknown command", ["judge"]],
    ["no command", []],
    ["two files", ["score", INBOX, INBOX]],
    ["an option without its value", ["score", "--country"]],
    ["no rows", ["score", "--top", "0"]],
    ["half a row", ["score", "--top", "1.5"]],
  ])("exits with 2 and shows no result for %s", async (_what, parameters) => {
    const { exitCode, stdout, stderr } = await run(parameters);
    expect(exitCode).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain("help");
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it.each([
    ["a country that is no code", ["--country", "Kenya"], "COUNTRY_UNKNOWN"],
    ["a country of digits", ["--country", "12"], "COUNTRY_UNKNOWN"],
    ["a missing file", [join(FIXTURES, "nothing.jsonl")], "FILE_NOT_READABLE"],
    ["a folder instead of a file", [FIXTURES], "FILE_NOT_READABLE"],
    ["a missing pack", ["--pack", join(FIXTURES, "nothing")], "PACK_NOT_FOUND"],
    ["a missing policy", ["--policy", join(FIXTURES, "nothing.json")], "POLICY_INVALID"],
  ])("exits with 2 and a code for %s", async (_what, parameters, code) => {
    const finished = await run(["score", ...parameters]);
    expect(finished.exitCode).toBe(2);
    expect(finished.stdout).toBe("");
    expect(parseFailure(finished)).toMatchObject({ error: code });
  });

  it.each([["--help"], ["score", "--help"]])("exits with 0 for %s %s", async (...parameters) => {
    const { exitCode, stdout } = await run(parameters);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("Usage: earshot");
  });

  it("names every option and exit code in the help", async () => {
    const { stdout } = await run(["score", "--help"]);
    for (const option of "lines format country language policy pack spans preview top no-color".split(" "))
      expect(stdout).toContain(`--${option}`);
    expect(stdout).toMatch(/0 done, 1 failed, 2 wrong use, 3 some lines/);
  });
});

describe("--policy", () => {
  const strict = { ...DEFAULT_POLICY, name: "strict", version: "2.0.0", urgencyThresholds: { immediate: 1e-9 } };

  it("decides by the policy in the file", async () => {
    const path = temporaryFile("strict.json", JSON.stringify(strict));
    const { lines } = await scoreMessages([{ text: "thank you, see you tomorrow" }], "--policy", path);
    expect(lines[0]).toMatchObject({ policy: "strict@2.0.0", urgency: "immediate", respondWithinMinutes: 5 });
  });

  it.each([
    ["that is no JSON", "{"],
    ["with a misspelt field", JSON.stringify({ ...strict, urgencyThreshold: {} })],
    ["with an impossible threshold", JSON.stringify({ ...strict, urgencyThresholds: { immediate: 2 } })],
    ["that is empty", ""],
  ])("exits with 2 for a policy %s", async (_what, content) => {
    const finished = await run(["score", "--policy", temporaryFile("bad.json", content)]);
    expect(finished.exitCode).toBe(2);
    expect(parseFailure(finished)).toMatchObject({ error: "POLICY_INVALID" });
  });
});

describe("--pack", () => {
  function copyOfPack(name: string, damage: (pack: string, manifest: PackManifest) => void): string {
    const pack = join(folder, name);
    cpSync(BASE_PACK, pack, { recursive: true });
    damage(pack, JSON.parse(readFileSync(join(pack, "manifest.json"), "utf8")));
    return pack;
  }

  interface PackManifest {
    readonly linear: { readonly file: string };
    readonly language: { readonly file: string };
    readonly rules: { readonly file: string };
    files: Array<{ path: string; bytes: number; sha256: string }>;
  }

  const writeManifest = (pack: string, manifest: object): void =>
    writeFileSync(join(pack, "manifest.json"), JSON.stringify(manifest));

  it("scores the same with a copy of the bundled pack", async () => {
    const pack = copyOfPack("copy", () => {});
    expect(await run(["score", "--pack", pack, INBOX])).toEqual(await run(["score", INBOX]));
  });

  it.each<[string, string, (pack: string, manifest: PackManifest) => void]>([
    ["a cut model file", "PACK_CORRUPT", (pack, { linear }) => truncateSync(join(pack, linear.file), 1000)],
    ["an empty rules file", "PACK_CORRUPT", (pack, { rules }) => truncateSync(join(pack, rules.file), 0)],
    ["a missing file", "PACK_NOT_FOUND", (pack, { rules }) => rmSync(join(pack, rules.file))],
    ["no manifest", "PACK_NOT_FOUND", (pack) => rmSync(join(pack, "manifest.json"))],
    ["a cut manifest", "PACK_INVALID", (pack) => truncateSync(join(pack, "manifest.json"), 100)],
    [
      "one bit that differs",
      "PACK_CORRUPT",
      (pack, { linear }) => {
        const path = join(pack, linear.file);
        const bytes = readFileSync(path);
        bytes[bytes.length >> 1] ^= 1;
        writeFileSync(path, bytes);
      },
    ],
    [
      "two files in each other's place",
      "PACK_CORRUPT",
      (pack, { linear, language }) => {
        renameSync(join(pack, linear.file), join(pack, "third"));
        copyFileSync(join(pack, language.file), join(pack, linear.file));
        renameSync(join(pack, "third"), join(pack, language.file));
      },
    ],
    [
      "a manifest that takes one file for another",
      "PACK_INVALID",
      (pack, manifest) =>
        writeManifest(pack, { ...manifest, linear: { ...manifest.linear, file: manifest.language.file } }),
    ],
    [
      "a manifest that lists no files",
      "PACK_INVALID",
      (pack, manifest) => writeManifest(pack, { ...manifest, files: [] }),
    ],
    [
      "a file outside of its folder",
      "PACK_INVALID",
      (pack, manifest) => {
        const [first, ...others] = manifest.files;
        writeManifest(pack, { ...manifest, files: [{ ...first, path: `../copy/${first.path}` }, ...others] });
      },
    ],
    [
      "labels of another version",
      "PACK_INVALID",
      (pack, manifest) => writeManifest(pack, { ...manifest, textVersion: 99 }),
    ],
  ])("refuses a pack with %s before it scores anything", async (what, code, damage) => {
    const pack = copyOfPack(what.replaceAll(/\W/g, "-"), damage);
    const finished = await run(["score", "--pack", pack, INBOX]);
    expect(finished.exitCode).toBe(code === "PACK_NOT_FOUND" ? 2 : 1);
    expect(finished.stdout).toBe("");
    expect(parseFailure(finished)).toMatchObject({ error: code });
  });
});

describe("the same input twice", () => {
  it("gives the same output, whatever stands around a message", async () => {
    const alone = await scoreMessages([{ text: "is anyone there" }]);
    const among = await scoreMessages([{ text: "x".repeat(5000) }, { text: "is anyone there" }, { text: "ж" }]);
    const scoresOf = ({ scores, language }: OutputLine): unknown => ({ scores, language });
    expect(scoresOf(among.lines[1])).toEqual(scoresOf(alone.lines[0]));
  });
});
