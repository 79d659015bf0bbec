import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readModelRuntime, readPackFiles } from "../../src/audit/installed-files.js";

const COLLECTOR = "https://mobile.events.data.microsoft.com/OneCollector/1.0";
const HERE = `bin/napi-v6/${process.platform}/${process.arch}`;

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "earshot-test-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");

describe("readModelRuntime", () => {
  const root = "node_modules/onnxruntime-node";

  beforeEach(() => write(`${root}/package.json`, JSON.stringify({ name: "onnxruntime-node", version: "1.27.0" })));

  it("tells the version and the hash of every binary for this machine", async () => {
    write(`${root}/${HERE}/onnxruntime_binding.node`, "binding");
    write(`${root}/${HERE}/libonnxruntime.so.1`, "library");
    write(`${root}/${HERE}/readme.txt`, COLLECTOR);
    write(`${root}/bin/napi-v6/elsewhere/none/libonnxruntime.so.1`, COLLECTOR);
    expect(await readModelRuntime(folder)).toEqual({
      version: "1.27.0",
      binaries: [
        { path: join(HERE, "libonnxruntime.so.1"), sha256: sha256("library"), holdsCollector: false },
        { path: join(HERE, "onnxruntime_binding.node"), sha256: sha256("binding"), holdsCollector: false },
      ],
    });
  });

  // The second one lies across the border between two pieces of reading.
  it.each([0, 65_536 - 20, 200_000])("finds the collector behind %i bytes", async (before) => {
    write(
      `${root}/${HERE}/onnxruntime_binding.node`,
      Buffer.concat([Buffer.alloc(before, "."), Buffer.from(COLLECTOR)]),
    );
    expect((await readModelRuntime(folder))?.binaries.map(({ holdsCollector }) => holdsCollector)).toEqual([true]);
  });

  it("sees a package that hides its manifest, from a folder below", async () => {
    write(`${root}/package.json`, JSON.stringify({ version: "1.30.0", exports: { ".": "./index.js" } }));
    write("app/src/main.js", "");
    expect((await readModelRuntime(join(folder, "app", "src")))?.version).toBe("1.30.0");
  });

  it("is undefined when nothing is installed", async () => {
    rmSync(join(folder, root), { recursive: true });
    expect(await readModelRuntime(folder)).toBeUndefined();
  });

  it("has no binaries and no version when the package is broken", async () => {
    expect(await readModelRuntime(folder)).toEqual({ version: "1.27.0", binaries: [] });
    write(`${root}/package.json`, JSON.stringify({ version: "no version" }));
    expect(await readModelRuntime(folder)).toEqual({ version: "UNKNOWN", binaries: [] });
    write(`${root}/package.json`, "{");
    expect(await readModelRuntime(folder)).toEqual({ version: "UNKNOWN", binaries: [] });
  });
});

describe("readPackFiles", () => {
  const entry = (path: string, content: string): object => ({ path, bytes: content.length, sha256: sha256(content) });

  it("compares every listed file, at any depth of the manifest", async () => {
    write("model.bin", "weights");
    write("rules/en.json", "[]");
    const manifest = { name: "x", files: [entry("model.bin", "weights")], rules: { en: entry("rules/en.json", "[]") } };
    write("manifest.json", JSON.stringify(manifest));
    expect(await readPackFiles(folder)).toEqual({ files: 2, matching: 2 });
  });

  it.each<[string, object]>([
    ["another content", entry("model.bin", "Weights")],
    ["another size", { ...entry("model.bin", "weights"), bytes: 8 }],
    ["a file that is missing", entry("none.bin", "weights")],
    ["a file outside the pack", entry("../outside.bin", "outside")],
    ["a folder", entry(".", "weights")],
  ])("does not accept %s", async (_, listed) => {
    write("pack/model.bin", "weights");
    write("outside.bin", "outside");
    write("pack/manifest.json", JSON.stringify({ files: [listed] }));
    expect(await readPackFiles(join(folder, "pack"))).toEqual({ files: 1, matching: 0 });
  });

  it("finds nothing in a manifest that lists nothing", async () => {
    write("manifest.json", "{}");
    expect(await readPackFiles(folder)).toEqual({ files: 0, matching: 0 });
  });

  it.each([undefined, "{", ""])("is undefined when the manifest is %j", async (content) => {
    if (content !== undefined) write("manifest.json", content);
    expect(await readPackFiles(folder)).toBeUndefined();
  });
});
