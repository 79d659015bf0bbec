import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { BenchmarkReport } from "../../src/benchmark/report.js";
import { readModelFile } from "../../src/cli/model-file.js";
import { isEarshotError } from "../../src/errors.js";
import { TINY_LABELS, writeTinyModel } from "../support/transformers-libraries.js";
import { BASE_PACK, parseFailure, run } from "./command.js";

const folder = mkdtempSync(join(tmpdir(), "earshot-bench-"));
const tiny = writeTinyModel();
afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(tiny, { recursive: true });
});
const write = (name: string, content: string | object): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
};
const MODEL = { library: "@huggingface/transformers", folder: relative(folder, tiny), labelMap: TINY_LABELS };
const SHORT = ["--quick", "--cold-starts", "1", "--round-ms", "10", "--cores", "1", "--rate", "20"];

describe("earshot bench", () => {
  it("measures a pack and an outside model, and draws a page", async () => {
    const page = join(folder, "page.html");
    const text = write("own.jsonl", '{"text":"is anybody there"}\nnot json\n{"text":"  "}\n{"text":"hello"}\n');
    const { exitCode, stdout, stderr } = await run([
      "bench",
      ...["--pack", BASE_PACK, "--model", write("model.json", MODEL), "--text", text, "--html", page],
      ...[...SHORT, "--format", "json"],
    ]);
    expect([exitCode, stderr]).toEqual([0, ""]);
    const report = JSON.parse(stdout) as BenchmarkReport;
    expect(report.models.map(({ name }) => name)).toEqual([
      expect.stringMatching(/^base@.*, first stage$/),
      expect.stringMatching(/^base@[\d.]+$/),
      "tiny@1.0.0",
    ]);
    expect(report.settings.texts).toEqual([{ name: "own messages", messages: 2, meanBytes: 10.5 }]);
    expect(report.agreement.map(({ sameLevel }) => sameLevel.n)).toEqual([2]);
    expect(readFileSync(page, "utf8")).toContain("<svg ");
    expect(stdout).not.toContain("anybody");
  }, 180_000);

  it.each([
    ["a pack that is not there", ["--pack", "/nowhere"], 2, "PACK_NOT_FOUND"],
    ["a model file that is not there", ["--model", "/nowhere.json"], 2, "FILE_NOT_READABLE"],
    ["a file without messages", ["--text", "/dev/null"], 1, "DATA_TOO_FEW"],
    ["a file of quality that is none", ["--quality", "/dev/null"], 2, "FILE_NOT_READABLE"],
  ])("refuses %s", async (_, parameters, exitCode, error) => {
    const finished = await run(["bench", ...SHORT, ...parameters]);
    expect(finished.exitCode).toBe(exitCode);
    expect(parseFailure(finished)).toMatchObject({ error });
  });

  it("replaces the default lengths, and refuses one that is none", async () => {
    expect((await run(["bench", "--words", "20", "many"])).exitCode).toBe(2);
  });
});

describe("readModelFile", () => {
  it("finds the folder beside the file", () => {
    expect(readModelFile(write("model.json", { ...MODEL, maximumTokens: 64 }))).toEqual({
      ...MODEL,
      folder: tiny,
      maximumTokens: 64,
    });
  });

  it.each([
    ["no JSON", "{"],
    ["null", "null"],
    ["another library", { ...MODEL, library: "node:fs" }],
    ["a library that every object has", { ...MODEL, library: "toString" }],
    ["no folder", { ...MODEL, folder: undefined }],
    ["no label map", { ...MODEL, labelMap: undefined }],
    ["a word for a number", { ...MODEL, maximumTokens: "64" }],
    ["a word for yes", { ...MODEL, quantized: "yes" }],
  ])("refuses %s", (_, content) => {
    let failure: unknown;
    try {
      readModelFile(write("wrong.json", content));
    } catch (error) {
      failure = error;
    }
    expect(isEarshotError(failure) && failure.code).toBe("LABEL_MAP_INVALID");
  });
});
