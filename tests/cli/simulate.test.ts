import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { FIXTURES, parseFailure, run } from "./command.js";

const folder = mkdtempSync(join(tmpdir(), "earshot-simulate-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const NIGHT = `${FIXTURES}simulation/night.json`;
const RECORD = `${FIXTURES}simulation/arrivals.jsonl`;
const CANARY = "zyxcanary";

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe("earshot simulate", () => {
  it("prints a table", async () => {
    const { exitCode, stdout, stderr } = await run(["simulate", NIGHT, "--runs", "5"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/│ immediate │ Earshot +│/);
  });

  it("prints JSON, the same for the same seed", async () => {
    const parameters = ["simulate", NIGHT, "--runs", "5", "--format", "json", "--seed"];
    const [first, again, other] = [
      await run([...parameters, "3"]),
      await run([...parameters, "3"]),
      await run([...parameters, "4"]),
    ];
    expect(JSON.parse(first.stdout)).toMatchObject({ schemaVersion: 1, seed: 3, replications: 5 });
    expect(again.stdout).toBe(first.stdout);
    expect(JSON.parse(other.stdout).levels).not.toEqual(JSON.parse(first.stdout).levels);
  });

  it("writes files when asked to, and nothing else", async () => {
    const [output, html] = [join(folder, "report.json"), join(folder, "report.html")];
    const finished = await run([
      ...["simulate", NIGHT, "--runs", "5", "--perfect", "--format", "json"],
      ...["--output", output, "--html", html],
    ]);
    expect(finished).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect(JSON.parse(readFileSync(output, "utf8")).givenLevels.soon.soon).toBe(1);
    expect(readFileSync(html, "utf8")).toMatch(/^<!doctype html>[\s\S]*<svg[\s\S]*<\/html>\n$/);
  });

  it("runs a record of arrivals", async () => {
    const { exitCode, stdout } = await run([
      ...["simulate", NIGHT, "--arrivals", RECORD, "--runs", "5", "--format", "json"],
    ]);
    const lines = readFileSync(RECORD, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(exitCode).toBe(0);
    const immediate = lines.filter(({ level }) => level === "immediate").length;
    expect(JSON.parse(stdout).levels.earshot.immediate.people).toEqual({
      value: immediate,
      low: immediate,
      high: immediate,
    });
  });

  it("names bad lines of a record by number and code, without a word of them, and goes on", async () => {
    const good = JSON.stringify({ at: "2026-03-01T22:15:00", level: "soon" });
    const path = file("bad.jsonl", `${good}\n{"text":"${CANARY}"}\n${CANARY}\n${good}\n`);
    const { exitCode, stdout, stderr } = await run(["simulate", NIGHT, "--arrivals", path, "--runs", "5"]);
    expect(exitCode).toBe(3);
    expect(stderr).toBe('{"line":2,"error":"FIELD_INVALID"}\n{"line":3,"error":"LINE_NOT_JSON"}\n');
    expect(stdout).not.toContain(CANARY);
    expect(stdout).toContain("2.0 soon");
  });

  it("says that a record holds nobody", async () => {
    const finished = await run(["simulate", NIGHT, "--arrivals", file("none.jsonl", `${CANARY}\n`), "--runs", "5"]);
    expect(finished).toMatchObject({ exitCode: 1, stdout: "" });
    const [bad, failure] = finished.stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(bad).toEqual({ line: 1, error: "LINE_NOT_JSON" });
    expect(failure).toMatchObject({ error: "ARRIVALS_MISSING", rejected: 1 });
  });

  it.each([
    ["no such scenario", [join(folder, "none.json")], "FILE_NOT_READABLE"],
    ["a scenario that is none", [file("broken.json", `{"name":"${CANARY}"}`)], "SCENARIO_INVALID"],
    ["no such record", [NIGHT, "--arrivals", join(folder, "none")], "FILE_NOT_READABLE"],
  ])("refuses %s", async (_, parameters, error) => {
    const finished = await run(["simulate", ...parameters]);
    expect(finished).toMatchObject({ exitCode: 2, stdout: "" });
    expect(parseFailure(finished)).toMatchObject({ error });
    expect(finished.stderr).not.toContain(CANARY);
  });

  it.each([
    ["too few runs", ["--runs", "4"]],
    ["a format that is none", ["--format", "pdf"]],
  ])("refuses %s", async (_, options) => {
    expect(await run(["simulate", NIGHT, ...options])).toMatchObject({ exitCode: 2, stdout: "" });
  });

  it("says that a file cannot be written", async () => {
    const finished = await run(["simulate", NIGHT, "--runs", "5", "--html", join(folder, "no", "such", "folder")]);
    expect(finished.exitCode).toBe(1);
    expect(parseFailure(finished)).toMatchObject({ error: "OUTPUT_FAILED" });
  });
});
