import { createHash } from "node:crypto";
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { EarshotError } from "../errors.js";
import { CATEGORIES, SIGNALS, URGENCIES } from "../labels.js";
import { COUNT_BINS, FAMILIES } from "../text/features.js";
import { readVocabulary } from "../text/tokenize.js";
import type { EncoderModel } from "./encoder.js";
import { type LinearModel, readLinearModel } from "./linear.js";
import { type Manifest, parseManifest } from "./manifest.js";
import { loadRules, type Rules } from "./rules.js";
import { createWorkspace, type Workspace } from "./workspace.js";

/** A model pack, checked and in memory. */
export interface Pack {
  readonly manifest: Manifest;
  /** Heads: 4 urgency levels, 18 categories, 17 signals. */
  readonly linear: LinearModel;
  /** Columns: `manifest.language.tags`. */
  readonly language: LinearModel;
  readonly rules: Rules;
  /** The second stage, if the pack has one. */
  readonly encoder?: EncoderModel;
  /** The memory that the tables of both models are in, with room for one message. */
  readonly workspace: Workspace;
}

/** The columns of the linear model: urgency levels, categories, signals. */
export const LABEL_COLUMNS: number = URGENCIES.length + CATEGORIES.length + SIGNALS.length;

/** Folder of the pack that comes with the package, seen from the built file as well as from the source. */
export function bundledFolder(): string {
  const folders = ["../", "../../"].map((root) => fileURLToPath(new URL(`${root}models/packs/base`, import.meta.url)));
  return folders.find((folder) => existsSync(folder)) ?? folders[0];
}

/**
 * Reads a pack and checks every size, hash, label and shape before anything of it runs. The only place in the library
 * that reads a file.
 *
 * @param folder a folder with `manifest.json`; the bundled pack by default
 * @throws EarshotError `PACK_NOT_FOUND` when a file cannot be read, `PACK_INVALID` when manifest and contents do not
 *   fit together, `PACK_CORRUPT` when a file is not the one that the manifest names
 */
export function loadPack(folder: string = bundledFolder()): Pack {
  const manifest = parseManifest(read(folder, "manifest.json").toString("utf8"));
  const { files, linear: linearPart, language: languagePart } = manifest;
  const corrupt = (path: string): never => {
    throw new EarshotError("PACK_CORRUPT", { file: files.findIndex((file) => file.path === path) });
  };
  // All sizes first, so that a false one cannot ask for gigabytes.
  for (const { path, bytes } of files) if (sizeOf(folder, path) !== bytes) corrupt(path);
  const tables = [linearPart.file, languagePart.file];
  const workspace = createWorkspace({
    tables: tables.map((table) => files.find(({ path }) => path === table)?.bytes ?? 0),
    blockWords: linearPart.blockWords,
    sums: linearPart.blocksPerWindow + 2,
  });
  const contents = new Map<string, Uint8Array>();
  for (const { path, bytes, sha256 } of files) {
    const content = workspace.tables[tables.indexOf(path)] ?? new Uint8Array(bytes);
    readInto(folder, path, content);
    if (createHash("sha256").update(content).digest("hex") !== sha256) corrupt(path);
    contents.set(path, content);
  }
  const content = (path: string): Uint8Array => {
    const found = contents.get(path);
    if (found === undefined) throw new EarshotError("PACK_INVALID");
    return found;
  };
  const linear = readLinearModel(content(linearPart.file));
  const language = readLinearModel(content(languagePart.file));
  const rules = loadRules(content(manifest.rules.file));
  const fits =
    linear.columns >= LABEL_COLUMNS &&
    linear.families === FAMILIES &&
    linear.bins === COUNT_BINS &&
    language.columns === manifest.language.tags.length &&
    language.families === 1 &&
    language.bins === 0;
  if (!fits) throw new EarshotError("PACK_INVALID");
  if (manifest.encoder === undefined) return { manifest, linear, language, rules, workspace };
  const vocabulary = readVocabulary(content(manifest.encoder.vocabulary));
  if (vocabulary.size !== manifest.encoder.pieces) throw new EarshotError("PACK_INVALID");
  return {
    manifest,
    linear,
    language,
    rules,
    workspace,
    encoder: { graph: content(manifest.encoder.file), vocabulary },
  };
}

function read(folder: string, name: string): Buffer {
  return orNotFound(() => readFileSync(`${folder}/${name}`));
}

function sizeOf(folder: string, name: string): number {
  return orNotFound(() => statSync(`${folder}/${name}`).size);
}

/** Fills an array with the beginning of a file. A file that became shorter meanwhile does not have the right hash. */
function readInto(folder: string, name: string, into: Uint8Array): void {
  orNotFound(() => {
    const path = `${folder}/${name}`;
    const descriptor = openSync(path, "r");
    try {
      for (let filled = 0, count = 1; count > 0 && filled < into.length; filled += count)
        count = readSync(descriptor, into, filled, into.length - filled, null);
    } finally {
      closeSync(descriptor);
    }
  });
}

function orNotFound<Result>(read: () => Result): Result {
  try {
    return read();
  } catch {
    throw new EarshotError("PACK_NOT_FOUND");
  }
}
