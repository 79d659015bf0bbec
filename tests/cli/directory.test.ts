import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { BUNDLED_DIRECTORY } from "../../src/referral/bundled.js";
import { FIXTURES, parseFailure, run } from "./command.js";

const folder = mkdtempSync(join(tmpdir(), "earshot-directory-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const OWN = `${FIXTURES}directory/own.json`;
const BROKEN = `${FIXTURES}directory/broken.json`;
const directory = (...parameters: string[]) => run(["directory", ...parameters]);

describe("earshot directory check", () => {
  it("says what a file changes", async () => {
    const { exitCode, stdout, stderr } = await directory("check", OWN, "--stale-after", "100000");
    // Only what nobody dated is stale then.
    const undated = BUNDLED_DIRECTORY.entries.filter(({ verifiedOn }) => verifiedOn === null).length;
    const stay = BUNDLED_DIRECTORY.entries.length - 2;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout.split("\n")).toEqual([
      "The file can be used. Entries added: 1, replaced: 1, left out: 1.",
      `Bundled entries that stay: ${stay}, of these stale: ${undated} (list --stale).`,
      "",
    ]);
  });

  it("names stale entries by line", async () => {
    const { exitCode, stdout } = await directory("check", OWN);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^line 54: STALE gb-childline\n/);
    expect(stdout).toContain("To look at: 1.\n");
  });

  it("names what is wrong by line, and fails", async () => {
    const { exitCode, stdout } = await directory("check", BROKEN);
    expect(exitCode).toBe(1);
    expect(stdout).toContain("line 8: entries[0].source: This field is missing.\n");
    expect(stdout).toContain("line 24: entries[0]: This field is not known here.\n");
    expect(stdout).toMatch(/To put right before the file can be used: 10\.\n$/);
  });

  it("prints JSON", async () => {
    const { exitCode, stdout } = await directory("check", BROKEN, "--format", "json");
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout).problems[0]).toEqual({
      line: 6,
      field: "",
      problem: "The object has this field already.",
    });
  });

  it("reads a file with a byte order mark", async () => {
    const path = join(folder, "mark.json");
    writeFileSync(path, `\uFEFF${readFileSync(OWN, "utf8")}`);
    expect((await directory("check", path)).exitCode).toBe(0);
  });

  it("says that there is no such file", async () => {
    const finished = await directory("check", join(folder, "none.json"));
    expect(finished).toMatchObject({ exitCode: 2, stdout: "" });
    expect(parseFailure(finished)).toMatchObject({ error: "FILE_NOT_READABLE" });
  });
});

describe("earshot directory list", () => {
  it("prints a table with a mark on what is stale", async () => {
    const { exitCode, stdout } = await directory("list", "--country", "ke");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/│ ke-childline-kenya +│/);
    expect(stdout).toContain("! stale");
    expect(stdout).not.toContain("gb-");
  });

  it.each([
    [["--country", "GB", "--kind", "emergency"], ["gb-emergency-services"]],
    [["--country", "UK", "--kind", "child_helpline"], ["gb-childline"]],
    [
      ["--country", "001"],
      ["001-child-helpline-international", "001-find-a-helpline"],
    ],
    [["--country", "ZZ"], []],
    [["--country", "GB", "--directory", OWN, "--kind", "peer_support"], ["gb-example-youth-line"]],
    [["--country", "GB", "--stale", "--stale-after", "100000"], []],
  ])("filters: %j", async (parameters, expected) => {
    const { stdout } = await directory("list", "--format", "json", ...parameters);
    expect(JSON.parse(stdout).map(({ id }: { id: string }) => id)).toEqual(expected);
  });
});

describe("earshot directory export", () => {
  it("writes HSDS to a file", async () => {
    const output = join(folder, "hsds.json");
    const finished = await directory("export", "--country", "KE", "--output", output);
    expect(finished).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    const services = JSON.parse(readFileSync(output, "utf8"));
    expect(services).toHaveLength(BUNDLED_DIRECTORY.entries.filter(({ country }) => country === "KE").length);
    expect(services[0]).toMatchObject({ status: "active", organization: { name: expect.any(String) } });
  });

  it("prints all of it", async () => {
    const { stdout } = await directory("export");
    expect(JSON.parse(stdout)).toHaveLength(BUNDLED_DIRECTORY.entries.length);
  });
});

describe("earshot directory why", () => {
  const AT = ["--at", "2026-11-21T23:00:00+00:00"];

  it("explains every entry of the country", async () => {
    const { exitCode, stdout } = await directory(
      ...["why", "--country", "GB", "--level", "urgent", "--category", "suicide", "--age", "12", ...AT],
      ...["--region", "cornwall", "--channel", "chat", "text", "--full", "gb-shout", "--directory", OWN],
    );
    expect(exitCode).toBe(0);
    for (const id of ["gb-example-youth-line", "gb-childline", "gb-samaritans", "gb-shout", "gb-emergency-services"])
      expect(stdout).toMatch(new RegExp(`│ ${id} +│`));
    for (const code of ["REGION_MATCH", "CHANNEL_MATCH", "EMERGENCY_IF_WORSE", "BEYOND_LIMIT", "FINDER_NOT_NEEDED"])
      expect(stdout).toContain(code);
    expect(stdout).toMatch(/Words shown with it \(en\): Please write to one of us today\./);
  });

  it("prints JSON", async () => {
    const { stdout } = await directory(
      ...["why", "--country", "KE", "--level", "immediate", "--category", "suicide", "--language", "sw", ...AT],
      ...["--signal", "young", "--free", "--anonymous", "--limit", "1", "--format", "json"],
    );
    const { referrals, leftOut, message, otherCountries } = JSON.parse(stdout);
    expect(referrals).toHaveLength(1);
    expect(referrals[0].why).toEqual([
      ...["EMERGENCY_FIRST", "COUNTRY_MATCH", "COST_UNKNOWN", "ANONYMITY_UNKNOWN", "OPEN_NOW"],
    ]);
    expect(leftOut.length + otherCountries + 1).toBe(BUNDLED_DIRECTORY.entries.length);
    expect(message.language).toBe("sw");
  });

  it("says why there is nobody", async () => {
    const { stdout } = await directory("why", "--level", "routine");
    expect(stdout).toContain("Notice: NOT_NEEDED");
    expect(stdout).not.toContain("Words shown");
  });

  it.each([
    ["a level that is none", ["--level", "later"]],
    ["a harm that is none", ["--category", "weather"]],
    ["an age that is none", ["--age", "old"]],
    ["no age", ["--age", ""]],
    ["a time without its offset", ["--at", "2026-11-21T22:15:00"]],
    ["a time that is none", ["--at", "T+00:00"]],
    ["a count of nothing", ["--limit", "0"]],
  ])("refuses %s", async (_, parameters) => {
    expect(await directory("why", ...parameters)).toMatchObject({ exitCode: 2, stdout: "" });
  });

  it("refuses a file that is wrong, with its first line", async () => {
    const finished = await directory("why", "--directory", BROKEN);
    expect(finished).toMatchObject({ exitCode: 2, stdout: "" });
    expect(parseFailure(finished)).toMatchObject({ error: "DIRECTORY_INVALID", problems: 10, line: 6 });
  });
});

describe("earshot directory messages", () => {
  it("prints words that a file of one's own may hold as they are", async () => {
    const { stdout } = await directory("messages");
    const path = join(folder, "words.json");
    const own = JSON.parse(readFileSync(OWN, "utf8"));
    writeFileSync(path, JSON.stringify({ ...own, ...JSON.parse(stdout) }));
    expect((await directory("check", path)).exitCode).toBe(0);
  });
});

describe("earshot score --directory", () => {
  const MESSAGE = '{"id":"a","text":"I want to die, I have the pills here","age":12}\n';

  it("offers what the file adds and not what it leaves out", async () => {
    const { exitCode, stdout } = await run(["score", "--country", "GB", "--directory", OWN], MESSAGE);
    expect(exitCode).toBe(0);
    const assessment = JSON.parse(stdout);
    expect(assessment.directory).toBe(`example-helpline@3+${BUNDLED_DIRECTORY.version}`);
    expect(assessment.referrals.map(({ id }: { id: string }) => id)).toContain("gb-example-youth-line");
    expect(stdout).not.toContain("gb-hopeline247");
  });

  it.each([
    ["that is wrong", BROKEN, "DIRECTORY_INVALID"],
    ["that is not there", join(folder, "none.json"), "FILE_NOT_READABLE"],
  ])("refuses a file %s before it reads a message", async (_, path, error) => {
    const finished = await run(["score", "--directory", path], MESSAGE);
    expect(finished).toMatchObject({ exitCode: 2, stdout: "" });
    expect(parseFailure(finished)).toMatchObject({ error });
  });
});
