import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { EarshotError } from "../errors.js";
import { CATEGORIES, SIGNALS, URGENCIES } from "../labels.js";
import { COUNT_BINS, FAMILIES } from "../text/features.js";
import { type LinearModel, readLinearModel } from "./linear.js";
import { type Manifest, parseManifest } from "./manifest.js";
import { loadRules, type Rules } from "./rules.js";

/** A model pack, checked and in memory. */
export interface Pack {
  readonly manifest: Manifest;
  /** Heads: 4 urgency levels, 18 categories, 17 signals. */
  readonly linear: LinearModel;
  /** Columns: `manifest.language.tags`. */
  readonly language: LinearModel;
  readonly rules: Rules;
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
  const contents = new Map<string, Uint8Array>();
  for (const { path, bytes, sha256 } of manifest.files) {
    const content = read(folder, path);
    if (content.length !== bytes || createHash("sha256").update(content).digest("hex") !== sha256)
      throw new EarshotError("PACK_CORRUPT", { file: manifest.files.findIndex((file) => file.path === path) });
    contents.set(path, content);
  }
  const content = (path: string): Uint8Array => {
    const found = contents.get(path);
    if (found === undefined) throw new EarshotError("PACK_INVALID");
    return found;
  };
  const linear = readLinearModel(content(manifest.linear.file));
  const language = readLinearModel(content(manifest.language.file));
  const rules = loadRules(content(manifest.rules.file));
  const fits =
    linear.columns >= LABEL_COLUMNS &&
    linear.families === FAMILIES &&
    linear.bins === COUNT_BINS &&
    language.columns === manifest.language.tags.length &&
    language.families === 1 &&
    language.bins === 0;
  if (!fits) throw new EarshotError("PACK_INVALID");
  return { manifest, linear, language, rules };
}

function read(folder: string, name: string): Buffer {
  try {
    return readFileSync(`${folder}/${name}`);
  } catch {
    throw new EarshotError("PACK_NOT_FOUND");
  }
}
