import { compileRules } from "../../models/training/compile-rules.js";
import { CATEGORIES, SIGNALS, URGENCIES } from "../../src/labels.js";
import { createKernelMemory } from "../../src/model/kernel.js";
import { type LinearModel, readLinearModel } from "../../src/model/linear.js";
import { HEADS, type Manifest, TEXT_VERSION } from "../../src/model/manifest.js";
import { LABEL_COLUMNS, type Pack } from "../../src/model/pack.js";
import { loadRules } from "../../src/model/rules.js";
import { createWorkspace } from "../../src/model/workspace.js";
import { COUNT_BINS, FAMILIES } from "../../src/text/features.js";

/** What a model file is made of. */
export interface ModelParts {
  readonly columns: number;
  readonly families: number;
  readonly bins: number;
  readonly slotBits: number;
  readonly rowBits: number;
  /** Feature hash and its weights. */
  readonly rows: ReadonlyArray<readonly [hash: number, weights: readonly number[]]>;
  readonly scales?: readonly number[];
  readonly biases?: readonly number[];
}

/** Writes the file that `readLinearModel` reads, with all scales 1 and all biases 0 unless given. */
export function encodeModel(parts: ModelParts): Uint8Array {
  const { columns, families, bins, slotBits, rowBits, rows } = parts;
  const slots = new Uint32Array(1 << slotBits);
  for (const [row, [hash]] of rows.entries()) {
    let slot = Math.imul(hash, 0x9e3779b1) >>> (32 - slotBits);
    while (slots[slot] !== 0) slot = (slot + 1) % slots.length;
    slots[slot] = ((hash << rowBits) | (row + 1)) >>> 0;
  }
  const scales = Float32Array.from(parts.scales ?? new Array(families * columns).fill(1));
  const biases = Float32Array.from(parts.biases ?? new Array(columns).fill(0));
  const header = Uint32Array.from([0x4c534145, 1, columns, rows.length, bins, families, slotBits, rowBits]);
  const weights = Int8Array.from(rows.flatMap(([, values]) => [...values]));
  const arrays = [header, scales, new Float32Array(bins * columns), biases, slots, weights];
  return new Uint8Array(
    Buffer.concat(arrays.map(({ buffer, byteLength }) => Buffer.from(buffer as ArrayBuffer, 0, byteLength))),
  );
}

/** A pack whose model knows only the given features, so that a test can tell every number beforehand. */
export function tinyPack(rows: ModelParts["rows"], rules = "", createMemory = createKernelMemory): Pack {
  const identity = { short: { whole: 1, window: 0, offset: 0 }, long: { whole: 0.5, window: 0.5, offset: 0 } };
  const half = <Label extends string>(labels: readonly Label[]): Record<Label, number> =>
    Object.fromEntries(labels.map((label) => [label, 0.5])) as Record<Label, number>;
  const manifest: Manifest = {
    schemaVersion: 1,
    name: "tiny",
    version: "1.0.0",
    licence: "Apache-2.0",
    labels: { urgency: [...URGENCIES], categories: [...CATEGORIES], signals: [...SIGNALS] },
    textVersion: TEXT_VERSION,
    files: [],
    linear: { file: "linear.bin", blockWords: 16, blocksPerWindow: 2 },
    language: { file: "language.bin", tags: ["en", "xx"], words: 32, supportedFrom: 0.5, calibration: { scale: 1 } },
    rules: { file: "rules.bin" },
    calibration: new Array(HEADS).fill(identity),
    thresholds: {
      urgency: { immediate: 0.5, urgent: 0.5, soon: 0.5, doubt: 1, doubtRatio: 1 },
      categories: half(CATEGORIES),
      signals: half(SIGNALS),
    },
    languages: [{ tag: "en", trainingTexts: 1, developmentTexts: 0, kappa: null }],
    trainingData: [],
  };
  const linear = { columns: LABEL_COLUMNS, families: FAMILIES, bins: COUNT_BINS, slotBits: 10, rowBits: 10, rows };
  const language = { columns: 2, families: 1, bins: 0, slotBits: 4, rowBits: 4, rows: [], biases: [1, 0] };
  const files = [linear, language].map(encodeModel);
  const needs = { tables: files.map(({ length }) => length), blockWords: 16, sums: 4 };
  const workspace = createWorkspace(needs, createMemory);
  for (const [index, file] of files.entries()) workspace.tables[index].set(file);
  return {
    manifest,
    linear: readLinearModel(workspace.tables[0]),
    language: readLinearModel(workspace.tables[1]),
    workspace,
    rules: loadRules(compileRules([{ name: "test.rules", content: rules }])),
  };
}

/** Naive reading of a model: the row of a hash by looking at all of them. */
export function rowByLooking(parts: ModelParts, hash: number): number {
  return parts.rows.findIndex(([own]) => own === hash);
}

export type { LinearModel };
