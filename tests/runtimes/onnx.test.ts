import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { encodeOnnxModel } from "../support/onnx-model.js";

const situation = vi.hoisted(() => ({ inWorker: false }));
vi.mock("node:worker_threads", async (importOriginal) => ({
  ...(await importOriginal<typeof import("node:worker_threads")>()),
  get isMainThread() {
    return !situation.inWorker;
  },
}));
const { loadOnnxRuntime } = await import("../../src/runtimes/onnx.js");

const SWITCH = "ORT_DISABLE_TELEMETRY";
const COLLECTOR = "mobile.events.data.microsoft.com";
const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "earshot-onnx-"));
const before = process.env[SWITCH];

beforeEach(() => {
  delete process.env[SWITCH];
});
afterEach(() => {
  situation.inWorker = false;
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  if (before === undefined) delete process.env[SWITCH];
  else process.env[SWITCH] = before;
});

/** A folder in which a runtime of that version is installed, which notes how the switch stood when it was loaded. */
function fakeRuntime(manifest: object | string, source?: string): string {
  const place = mkdtempSync(join(folder, "fake-"));
  const package_ = join(place, "node_modules/onnxruntime-node");
  mkdirSync(package_, { recursive: true });
  writeFileSync(join(package_, "package.json"), typeof manifest === "string" ? manifest : JSON.stringify(manifest));
  const note = `exports.env = {}; globalThis.earshotSwitchAtLoad = process.env.${SWITCH};`;
  writeFileSync(join(package_, "index.js"), source ?? note);
  return place;
}

function load(place: string): string {
  try {
    return loadOnnxRuntime({ folder: place }).version;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe("loadOnnxRuntime", () => {
  it.each([
    { version: "1.27.0", thread: "main", loaded: false, set: false, expected: "1.27.0" },
    { version: "1.27.0", thread: "main", loaded: true, set: false, expected: "1.27.0" },
    { version: "1.27.0", thread: "worker", loaded: false, set: false, expected: "1.27.0" },
    { version: "1.28.9", thread: "worker", loaded: true, set: false, expected: "1.28.9" },
    { version: "1.29.0", thread: "main", loaded: false, set: false, expected: "1.29.0" },
    { version: "1.29.0", thread: "main", loaded: true, set: false, expected: "RUNTIME_REFUSED" },
    { version: "1.29.0", thread: "main", loaded: true, set: true, expected: "1.29.0" },
    { version: "1.29.0", thread: "worker", loaded: false, set: false, expected: "RUNTIME_REFUSED" },
    { version: "1.29.0", thread: "worker", loaded: false, set: true, expected: "1.29.0" },
    { version: "1.30.0-dev.20261001", thread: "worker", loaded: false, set: false, expected: "RUNTIME_REFUSED" },
    { version: "1.100.0", thread: "worker", loaded: false, set: false, expected: "RUNTIME_REFUSED" },
    { version: "2.0.0", thread: "worker", loaded: false, set: false, expected: "RUNTIME_REFUSED" },
    { version: "x", thread: "worker", loaded: false, set: false, expected: "RUNTIME_REFUSED" },
  ])("$version in the $thread thread, loaded before: $loaded, switch set: $set -> $expected", (row) => {
    const place = fakeRuntime({ version: row.version });
    const require = createRequire(join(place, "index.js"));
    // Other tests of this file may have loaded a runtime into the same process.
    for (const path of Object.keys(require.cache)) if (path.includes("onnxruntime-node")) delete require.cache[path];
    if (row.loaded) require("onnxruntime-node");
    if (row.set) process.env[SWITCH] = "1";
    situation.inWorker = row.thread === "worker";
    expect(load(place)).toBe(row.expected);
    if (!row.loaded && row.expected !== "RUNTIME_REFUSED") {
      expect((globalThis as { earshotSwitchAtLoad?: string }).earshotSwitchAtLoad).toBe("1");
    }
  });

  it.each([
    ["no runtime", () => mkdtempSync(join(folder, "none-")), "RUNTIME_MISSING"],
    [
      "one without a binary for this system",
      () => fakeRuntime({ version: "1.27.0" }, "throw Error()"),
      "RUNTIME_MISSING",
    ],
    ["a manifest that is damaged", () => fakeRuntime("{", "exports.env = {}"), "RUNTIME_MISSING"],
    ["a manifest without a version", () => fakeRuntime({}), "RUNTIME_REFUSED"],
  ])("refuses %s", (_, make, expected) => {
    expect(load(make())).toBe(expected);
  });

  it("notices a runtime that was loaded by `import`", () => {
    const place = fakeRuntime({ version: "1.29.0" });
    const url = (name: string): string => new URL(`../../src/${name}`, import.meta.url).href;
    const body = `
      await import("onnxruntime-node");
      const { loadOnnxRuntime } = await import("${url("runtimes/onnx.ts")}");
      try { loadOnnxRuntime({ folder: "." }); } catch (error) { process.stdout.write(error.code); }`;
    const flags = ["--import", import.meta.resolve("tsx"), "--input-type=module", "--eval", body];
    expect(execFileSync(process.execPath, flags, { cwd: place, encoding: "utf8" })).toBe("RUNTIME_REFUSED");
  });

  it("comes with a runtime whose binaries, for every system, hold no address of the telemetry collector", () => {
    const binaries = join(root, "node_modules/onnxruntime-node/bin");
    const files = readdirSync(binaries, { recursive: true, encoding: "utf8" }).filter((name) =>
      /\.(node|dll|dylib)$|\.so(\.|$)/.test(name),
    );
    expect(files.length).toBeGreaterThan(8);
    const holding = files.filter((name) => readFileSync(join(binaries, name)).includes(COLLECTOR));
    expect(holding).toEqual([]);
  });

  it("leaves standard error empty when a run fails, where the runtime by itself would quote the id", () => {
    const model = join(folder, "model.onnx");
    const [vocabulary, width] = [10, 4];
    const embedding = new Float32Array(vocabulary * width);
    writeFileSync(model, encodeOnnxModel({ vocabulary, width, embedding, weights: new Float32Array(width * width) }));
    const run = (body: string) => {
      const prelude = `
        import { readFileSync } from "node:fs";
        const model = readFileSync("${model}");
        const ids = BigInt64Array.of(31337421n);`;
      const flags = ["--import", import.meta.resolve("tsx"), "--input-type=module", "--eval", prelude + body];
      return spawnSync(process.execPath, flags, { cwd: root, encoding: "utf8" });
    };
    // Other code may have set up the runtime before, with a log that speaks.
    const ours = run(`
      import { InferenceSession } from "onnxruntime-node";
      import { loadOnnxRuntime } from "./src/runtimes/onnx.ts";
      await InferenceSession.create(model);
      const session = await loadOnnxRuntime().createSession(model);
      const inputs = { ids: { data: ids, shape: [1, 1], below: 1e9, padding: 1e8 } };
      const outputs = { mean: { data: new Float32Array(4), shape: [1, 4] } };
      try { await session.run([inputs], outputs, () => {}); } catch (error) { process.stdout.write(error.code); }`);
    expect(ours).toMatchObject({ stdout: "RUNTIME_FAILED", stderr: "" });
    const control = run(`
      import { InferenceSession, Tensor } from "onnxruntime-node";
      const session = await InferenceSession.create(model);
      try { await session.run({ ids: new Tensor("int64", ids, [1, 1]) }); } catch {}`);
    expect(control.stderr).toContain("31337421");
  });
});
