import { mkdtempSync } from "node:fs";
import { createRequire, Module } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ModelFolderOptions, writeModelFolder } from "../../benchmarks/distilbert/folder.js";
import { SPECIAL } from "../../benchmarks/distilbert/tokenizer.js";
import type { LabelMap, TransformersLibrary } from "../../src/transformers/index.js";

/** Both libraries that the adapter is for. */
export const LIBRARIES: ReadonlyArray<readonly [name: string, load: () => Promise<TransformersLibrary>]> = [
  ["@huggingface/transformers", () => import("@huggingface/transformers")],
  ["@xenova/transformers", loadXenova],
];

/**
 * Its image library downloads its native half when it is installed, which is switched off here. No text needs it, so that
 * something else takes its place.
 */
async function loadXenova(): Promise<TransformersLibrary> {
  const own = createRequire(createRequire(import.meta.url).resolve("@xenova/transformers"));
  const file = own.resolve("sharp");
  own.cache[file] ??= Object.assign(new Module(file), { filename: file, loaded: true, exports: () => {} });
  return import("@xenova/transformers");
}

/** Small enough to be made for every test: one layer, 16 wide. */
const TINY = { positions: 32, width: 16, layers: 1, heads: 2, inner: 32 } as const;
const WORDS = ["i", "am", "here", "and", "she", "is", "at", "home", "not", "h", "##o", "##e", "a", "##n", "."];

/** Writes a tiny model with random weights into a new folder. */
export function writeTinyModel(
  options: Partial<Pick<ModelFolderOptions, "labels" | "multiLabel" | "seed">> = {},
): string {
  const { labels = ["bad", "good"], ...others } = options;
  const pieces = [...SPECIAL, ...WORDS];
  const folder = mkdtempSync(join(tmpdir(), "earshot-model-"));
  writeModelFolder(folder, {
    size: { ...TINY, pieces: pieces.length, labels: labels.length },
    pieces,
    labels,
    ...others,
  });
  return folder;
}

/** What the two labels of the tiny model mean. */
export const TINY_LABELS: LabelMap = {
  schemaVersion: 1,
  name: "tiny",
  version: "1.0.0",
  labels: {
    bad: {
      urgency: { immediate: 0.5, urgent: 0.25 },
      categories: { suicide: 0.8, self_harm: 0.1 },
      signals: { hopeless: 0.5 },
    },
    good: { signals: { past: 1 } },
  },
};
