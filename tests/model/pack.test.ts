import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { CATEGORIES, SIGNALS } from "../../src/labels.js";
import { HEADS } from "../../src/model/manifest.js";
import { loadPack } from "../../src/model/pack.js";

const SHIPPED = join(import.meta.dirname, "../../models/packs/base");
const folder = mkdtempSync(join(tmpdir(), "pack-"));
afterAll(() => rmSync(folder, { recursive: true }));

let copies = 0;
function copyWith(change: (pack: string) => void): string {
  copies += 1;
  const copy = join(folder, String(copies));
  cpSync(SHIPPED, copy, { recursive: true });
  change(copy);
  return copy;
}

function editManifest(pack: string, edit: (manifest: Record<string, unknown>) => void): void {
  const path = join(pack, "manifest.json");
  const manifest = JSON.parse(readFileSync(path, "utf8"));
  edit(manifest);
  writeFileSync(path, JSON.stringify(manifest));
}

function flipByte(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(path, bytes);
}

describe("the shipped pack", () => {
  it("loads, by default and by its folder", () => {
    const pack = loadPack();
    expect(pack.manifest).toEqual(loadPack(SHIPPED).manifest);
    expect(pack.manifest.calibration).toHaveLength(HEADS);
    expect(Object.keys(pack.manifest.thresholds.categories)).toEqual([...CATEGORIES]);
    expect(Object.keys(pack.manifest.thresholds.signals)).toEqual([...SIGNALS]);
  });

  it("names every file of its folder, stays small, and has a model card", () => {
    const files = readdirSync(SHIPPED);
    const named = loadPack().manifest.files.map(({ path }) => path);
    expect(files.sort()).toEqual([...named, "MODEL_CARD.md", "manifest.json"].sort());
    const bytes = files.reduce((sum, file) => sum + statSync(join(SHIPPED, file)).size, 0);
    expect(bytes).toBeLessThan(16_000_000);
  });

  it("tells at least 60 languages apart", () => {
    expect(new Set(loadPack().manifest.language.tags.map((tag) => tag.split("-")[0])).size).toBeGreaterThanOrEqual(60);
  });
});

describe("loadPack", () => {
  it.each([
    ["an edited byte in the model", (pack: string) => flipByte(join(pack, "linear.bin")), "PACK_CORRUPT"],
    ["an edited byte in the rules", (pack: string) => flipByte(join(pack, "rules.bin")), "PACK_CORRUPT"],
    ["a truncated file", (pack: string) => truncateSync(join(pack, "language.bin"), 1000), "PACK_CORRUPT"],
    [
      "two files swapped",
      (pack: string) => {
        renameSync(join(pack, "linear.bin"), join(pack, "other"));
        renameSync(join(pack, "language.bin"), join(pack, "linear.bin"));
        renameSync(join(pack, "other"), join(pack, "language.bin"));
      },
      "PACK_CORRUPT",
    ],
    ["a missing file", (pack: string) => rmSync(join(pack, "rules.bin")), "PACK_NOT_FOUND"],
    ["no manifest", (pack: string) => rmSync(join(pack, "manifest.json")), "PACK_NOT_FOUND"],
    ["a manifest that is no JSON", (pack: string) => writeFileSync(join(pack, "manifest.json"), "{"), "PACK_INVALID"],
    [
      "labels in another order",
      (pack: string) =>
        editManifest(pack, (manifest) => {
          (manifest.labels as { urgency: string[] }).urgency.reverse();
        }),
      "PACK_INVALID",
    ],
    [
      "another text version",
      (pack: string) => editManifest(pack, (manifest) => Object.assign(manifest, { textVersion: 99 })),
      "PACK_INVALID",
    ],
    [
      "a field that nobody knows",
      (pack: string) => editManifest(pack, (manifest) => Object.assign(manifest, { extra: 1 })),
      "PACK_INVALID",
    ],
    [
      "a calibration that lowers risk where the model raises it",
      (pack: string) =>
        editManifest(pack, (manifest) => {
          (manifest.calibration as Array<{ short: { whole: number } }>)[0].short.whole = -1;
        }),
      "PACK_INVALID",
    ],
    [
      "a file name that leaves the folder",
      (pack: string) =>
        editManifest(pack, (manifest) => {
          (manifest.files as Array<{ path: string }>)[0].path = "../linear.bin";
        }),
      "PACK_INVALID",
    ],
  ])("refuses %s", (_, change, code) => {
    expect(() => loadPack(copyWith(change))).toThrow(expect.objectContaining({ code }));
  });
});
