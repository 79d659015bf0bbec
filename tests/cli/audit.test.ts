import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { AUDIT_PROMISES, type AuditReport } from "../../src/audit/report.js";
import { canScan, canTrace } from "../audit/child-programs.js";
import { BASE_PACK, parseFailure, run } from "./command.js";

const folder = mkdtempSync(join(tmpdir(), "earshot-audit-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const hasPack = existsSync(BASE_PACK);
const canAudit = hasPack && canScan && canTrace;
const onLinux = canAudit ? "" : " (needs Linux with /proc/<pid>/pagemap and strace)";
/** Checks of the program; the others are of the machine, on which a test has no influence. */
const OF_THE_PROGRAM = ["residue", "output", "network", "files", "writes", "core_dump", "inspector", "pack"];

describe("earshot audit", () => {
  it.runIf(canAudit).each([
    ["JSON Lines", []],
    ["plain lines", ["--lines"]],
  ])(`passes earshot score: %s${onLinux}`, async (_, options) => {
    const { stdout, stderr } = await run(["audit", "--quick", "--seconds", "5", "--format", "json", ...options]);
    const report = JSON.parse(stdout) as AuditReport;
    expect(stderr).toBe("");
    expect(report.lines.map(({ id }) => id)).toEqual(Object.keys(AUDIT_PROMISES));
    const ofTheProgram = report.lines.filter(({ id }) => OF_THE_PROGRAM.includes(id));
    expect(ofTheProgram.map(({ id, status }) => [id, status])).toEqual(OF_THE_PROGRAM.map((id) => [id, "PASS"]));
    // Without copies in the program with strings, a residue of 0 would say nothing about strings.
    expect(report.lines[0].comparison).toMatch(/^before=0 answered=[1-9]/);
  });

  it.runIf(canAudit)(`passes earshot serve${onLinux}`, async () => {
    const { stdout, stderr } = await run(["audit", "--serve", "--quick", "--seconds", "5", "--format", "json"]);
    const report = JSON.parse(stdout) as AuditReport;
    expect(stderr).toBe("");
    const ofTheProgram = report.lines.filter(({ id }) => OF_THE_PROGRAM.includes(id));
    expect(ofTheProgram.map(({ id, status }) => [id, status])).toEqual(OF_THE_PROGRAM.map((id) => [id, "PASS"]));
    expect(report.lines[0].control?.figure).toMatch(/^before=0 answered=[1-9]/);
  });

  it.runIf(canAudit)(`writes a page to a file, and ends with 1 if and only if a line failed${onLinux}`, async () => {
    const path = join(folder, "audit.html");
    const { exitCode, stdout } = await run([
      "audit",
      "--quick",
      "--seconds",
      "1",
      "--format",
      "html",
      "--output",
      path,
    ]);
    const page = readFileSync(path, "utf8");
    expect(stdout).toBe("");
    expect(page).toMatch(/^<!doctype html>/);
    expect(exitCode).toBe(page.includes("✗ Broken") ? 1 : 0);
  });

  it.each([
    ["a format that is none", ["--format", "pdf"]],
    ["no time at all", ["--seconds", "0"]],
    ["plain lines for the server", ["--serve", "--lines"]],
  ])("refuses %s", async (_, options) => {
    expect(await run(["audit", ...options])).toMatchObject({ exitCode: 2, stdout: "" });
  });

  it("says that a pack is missing", async () => {
    const finished = await run(["audit", "--pack", join(folder, "none")]);
    expect(finished.exitCode).toBe(2);
    expect(parseFailure(finished)).toMatchObject({ error: "PACK_NOT_FOUND" });
  });
});
