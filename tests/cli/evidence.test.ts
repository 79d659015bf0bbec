import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { programVersion } from "../../src/cli/program-version.js";
import { loadPack } from "../../src/model/pack.js";
import { auditOf } from "../evidence/support.js";
import { BASE_PACK, parseFailure, run } from "./command.js";

const folder = mkdtempSync(join(tmpdir(), "earshot-evidence-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const CANARY = "zyxcanary";
const IDS = ["ai-act-annex-iv", "child-rights-impact", "dpia", "notice-age-13", "notice-age-16", "notice-age-9"];

const { name, version } = existsSync(BASE_PACK) ? loadPack(BASE_PACK).manifest : { name: "", version: "" };
const THIS_PROGRAM = { version: programVersion(), pack: `${name}@${version}` };

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe.runIf(existsSync(BASE_PACK))("earshot evidence", () => {
  it.each([
    ["md", []],
    ["html", ["--format", "html"]],
    ["json", ["--format", "json"]],
  ])("writes the documents and the form as %s, the same on the same day", async (ending, options) => {
    const [output, again] = [join(folder, ending, "one"), join(folder, ending, "two")];
    const parameters = ["evidence", "--date", "2026-03-01", ...options, "--output"];
    const { exitCode, stdout, stderr } = await run([...parameters, output]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const names = [...IDS.map((id) => `${id}.${ending}`), "organisation.json"].sort();
    expect(readdirSync(output).sort()).toEqual(names);
    expect(stdout).toMatch(new RegExp(`^dpia\\.${ending}: \\d+ to fill in\n`));
    await run([...parameters, again]);
    for (const name of names) expect(readFileSync(join(again, name))).toEqual(readFileSync(join(output, name)));
    const { version } = JSON.parse(readFileSync(join(BASE_PACK, "manifest.json"), "utf8"));
    const program = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version;
    const dpia = readFileSync(join(output, `dpia.${ending}`), "utf8");
    for (const part of [`base@${version}`, `Earshot ${program}`, "2026-03-01"]) expect(dpia).toContain(part);
  });

  it("takes the answers of its form", async () => {
    const first = join(folder, "first");
    await run(["evidence", "--output", first]);
    const form = JSON.parse(readFileSync(join(first, "organisation.json"), "utf8"));
    const answers = file("answers.json", JSON.stringify({ ...form, controller: "A line for children" }));
    const output = join(folder, "second");
    await run(["evidence", "--output", output, "--organisation", answers]);
    expect(readFileSync(join(output, "dpia.md"), "utf8")).toContain("- Controller: A line for children\n");
  });

  it("shows a failure of the audit", async () => {
    const audit = file("audit.json", JSON.stringify(auditOf({ residue: "FAIL" }, THIS_PROGRAM)));
    const output = join(folder, "failed");
    expect(await run(["evidence", "--output", output, "--audit", audit])).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(output, "dpia.md"), "utf8")).toContain("| **FAIL** | After a message is answered");
    expect(readFileSync(join(output, "notice-age-9.md"), "utf8")).toContain("[FILL IN auditedSentence:");
  });

  it("overwrites nothing, and then writes nothing at all", async () => {
    const output = mkdtempSync(join(folder, "taken-"));
    writeFileSync(join(output, "notice-age-9.md"), "by hand");
    const finished = await run(["evidence", "--output", output]);
    expect(finished.exitCode).toBe(2);
    expect(parseFailure(finished)).toMatchObject({ error: "OUTPUT_EXISTS" });
    expect(readdirSync(output)).toEqual(["notice-age-9.md"]);
    expect(readFileSync(join(output, "notice-age-9.md"), "utf8")).toBe("by hand");
  });

  it.each([
    ["a report that is none", ["--evaluation", file("none.json", `{"${CANARY}":1}`)], "EVIDENCE_INVALID"],
    [
      "answers under an unknown name",
      ["--organisation", file("bad.json", `{"${CANARY}":"x"}`)],
      "ORGANISATION_INVALID",
    ],
    ["a report that is not there", ["--audit", join(folder, "nowhere")], "FILE_NOT_READABLE"],
    ["a policy that is none", ["--policy", file("policy.json", "{}")], "POLICY_INVALID"],
    ["a pack that is not there", ["--pack", join(folder, "nowhere")], "PACK_NOT_FOUND"],
  ])("refuses %s", async (_, options, error) => {
    const output = join(folder, "refused");
    const finished = await run(["evidence", "--output", output, ...options]);
    expect(finished).toMatchObject({ exitCode: 2, stdout: "" });
    expect(parseFailure(finished)).toMatchObject({ error });
    expect(finished.stderr).not.toContain(CANARY);
    expect(existsSync(output)).toBe(false);
  });

  it.each([
    ["no folder", []],
    ["a day that is none", ["--output", join(folder, "day"), "--date", "2026-02-30"]],
    ["a time for a day", ["--output", join(folder, "day"), "--date", "2026-02-03T10"]],
    ["a format that is none", ["--output", join(folder, "day"), "--format", "pdf"]],
  ])("refuses %s", async (_, options) => {
    expect(await run(["evidence", ...options])).toMatchObject({ exitCode: 2, stdout: "" });
  });
});
