import { resolve } from "node:path";
import { EarshotError, isEarshotError } from "../errors.js";
import { CATEGORIES, SIGNALS } from "../labels.js";
import { checkRange, type TextModel, type TextScores } from "../model/text-model.js";
import type { ModelThresholds } from "../policy/schema.js";
import { createMapping, type LabelMap, type MapScores, parseLabelMap } from "./label-map.js";
import { openLibrary, type TransformersLibrary } from "./library.js";

/** Which model, and what its labels mean. */
export interface TransformersModelOptions {
  /**
   * `@huggingface/transformers` or `@xenova/transformers`, best as a function that imports it: then the
   * telemetry of its runtime is switched off before it is loaded. A module that is imported already is taken only when
   * `ORT_DISABLE_TELEMETRY=1` is set, and whether that was so before it was imported, nobody can tell afterwards.
   */
  readonly library: TransformersLibrary | (() => Promise<TransformersLibrary>);
  /** Folder of a text classification model: `config.json`, `tokenizer.json`, `tokenizer_config.json`, `onnx/`. */
  readonly folder: string;
  /** What its labels mean; checked before use. */
  readonly labelMap: LabelMap;
  /** Whether the 8-bit file is loaded (`onnx/model_quantized.onnx`) and not `onnx/model.onnx`; true by default. */
  readonly quantized?: boolean;
  /** Tokens that are read of a text, at most as many as the model has positions; 512 by default. */
  readonly maximumTokens?: number;
}

/**
 * A model of somebody else's. Unlike the model of a pack it makes strings of the text, and its library makes more of
 * them (`TRANSFORMERS_LIMITS`): `keepsText` says so to whoever holds a `TextModel`.
 */
export interface TransformersModel extends TextModel {
  readonly keepsText: true;
  /** Labels of the model, in its order. */
  readonly labels: readonly string[];
}

/** What a model that runs in transformers.js cannot promise. */
export const TRANSFORMERS_LIMITS: readonly string[] = Object.freeze([
  "The text becomes a string, and the tokenizer makes many more of its parts. Nobody can wipe a string: they stay in memory until the engine happens to overwrite them.",
  "Arrays of token numbers that the library makes are wiped where they come back to Earshot. Those that it keeps to itself, and the memory of its runtime, are not.",
  "When a run fails, @xenova/transformers prints token numbers to standard error. @huggingface/transformers is told to print nothing.",
  "Network and caches are switched off by the settings of the library, and hold for the whole process until somebody sets them again.",
]);

/** A text is cut before it becomes a string: nothing reads a million characters to keep 512 tokens. */
const MAXIMUM_BYTES_PER_TOKEN = 64;
const DEFAULT_MAXIMUM_TOKENS = 512;

const half = <Label extends string>(labels: readonly Label[]): Readonly<Record<Label, number>> =>
  Object.fromEntries(labels.map((label) => [label, 0.5])) as Record<Label, number>;
/** Nobody has chosen thresholds for the model yet: `earshot calibrate` does that, on labelled messages. */
const THRESHOLDS: ModelThresholds = Object.freeze({
  urgency: { immediate: 0.5, urgent: 0.5, soon: 0.5, doubt: 1, doubtRatio: 1 },
  categories: half(CATEGORIES),
  signals: half(SIGNALS),
});

interface Tensor {
  readonly data: ArrayLike<unknown>;
  readonly dims: readonly number[];
}

type Encoding = Readonly<Record<string, Tensor>>;

interface Tokenizer {
  (text: string, options: object): Encoding;
  readonly model_max_length?: number;
}

interface Classifier {
  (inputs: Encoding): Promise<{ readonly logits: Tensor }>;
  readonly config: Readonly<Record<string, unknown>>;
  dispose?(): Promise<unknown>;
}

/**
 * Makes a model of a folder on this machine. Nothing is fetched: the network and the caches of the library are switched
 * off before the folder is read, for the whole process.
 *
 * @throws EarshotError `LABEL_MAP_INVALID`; `RUNTIME_MISSING` or `RUNTIME_REFUSED` for the library; `MODEL_NOT_LOADED`
 *   when the folder does not hold such a model
 */
export async function createTransformersModel(options: TransformersModelOptions): Promise<TransformersModel> {
  const { folder, quantized = true, maximumTokens = DEFAULT_MAXIMUM_TOKENS } = options;
  if (!Number.isInteger(maximumTokens) || maximumTokens < 4) throw new EarshotError("INPUT_INVALID", { maximumTokens });
  const labelMap = parseLabelMap(options.labelMap);
  const library = await openLibrary(options.library);
  const { tokenizer, classifier } = await load(library, resolve(folder), quantized);
  const { labels, exclusive, positions } = readConfig(classifier.config);
  const mapScores = createMapping(labelMap, labels, exclusive);
  const limit = Math.min(maximumTokens, positions, tokenizer.model_max_length ?? maximumTokens);
  const decoder = new TextDecoder();
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;

  const run = async (encoding: Encoding, cut: boolean): Promise<TextScores> => {
    let logits: Tensor | undefined;
    try {
      ({ logits } = await classifier(encoding));
      const tokens = encoding.input_ids.dims[1];
      const scores = toScores(logits, labels.length, exclusive, mapScores);
      return { scores, tokens, truncated: cut || tokens >= limit };
    } catch (error) {
      // Errors of the library may quote what it was given.
      throw isEarshotError(error) ? error : new EarshotError("RUNTIME_FAILED");
    } finally {
      wipe(encoding);
      if (logits !== undefined) wipe({ logits });
    }
  };

  const encode = (source: Uint8Array, start: number, end: number): Encoding => {
    try {
      return tokenizer(decoder.decode(source.subarray(start, end)), { truncation: true, max_length: limit });
    } catch {
      throw new EarshotError("RUNTIME_FAILED");
    }
  };

  return {
    name: `${labelMap.name}@${labelMap.version}`,
    thresholds: THRESHOLDS,
    keepsText: true,
    labels,
    async score(source, start, end) {
      if (closed) throw new EarshotError("CLOSED");
      checkRange(source, start, end);
      const cutAt = characterEnd(source, start, Math.min(end, start + limit * MAXIMUM_BYTES_PER_TOKEN), end);
      const encoding = encode(source, start, cutAt);
      // One after another: two runs of a session at once gain nothing and hold two texts.
      const result = last.then(() => run(encoding, cutAt < end));
      last = result.catch(() => {});
      return result;
    },
    async close() {
      if (closed) return;
      closed = true;
      await last;
      try {
        await classifier.dispose?.();
      } catch {
        throw new EarshotError("RUNTIME_FAILED");
      }
    },
  };
}

async function load(
  library: TransformersLibrary,
  folder: string,
  quantized: boolean,
): Promise<{ tokenizer: Tokenizer; classifier: Classifier }> {
  // Each version takes what it knows of these: `quantized` is 2.x, `dtype`, `device` and `session_options` are later.
  const options = {
    local_files_only: true,
    quantized,
    dtype: quantized ? "q8" : "fp32",
    device: "cpu",
    session_options: { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 4 },
  };
  try {
    const tokenizer = (await library.AutoTokenizer.from_pretrained(folder, { local_files_only: true })) as Tokenizer;
    const classifier = (await library.AutoModelForSequenceClassification.from_pretrained(
      folder,
      options,
    )) as Classifier;
    return { tokenizer, classifier };
  } catch {
    throw new EarshotError("MODEL_NOT_LOADED");
  }
}

function readConfig(config: Classifier["config"]): {
  labels: readonly string[];
  exclusive: boolean;
  positions: number;
} {
  const { id2label, problem_type: problemType, max_position_embeddings: positions } = config;
  const names: Readonly<Record<string, unknown>> =
    typeof id2label === "object" && id2label !== null ? { ...id2label } : {};
  const labels = Object.keys(names).map((_, index) => names[index]);
  if (labels.length === 0 || !labels.every((label) => typeof label === "string"))
    throw new EarshotError("MODEL_NOT_LOADED");
  return {
    labels,
    exclusive: problemType !== "multi_label_classification",
    positions: typeof positions === "number" ? positions : Number.POSITIVE_INFINITY,
  };
}

function toScores({ data }: Tensor, count: number, exclusive: boolean, mapScores: MapScores): TextScores["scores"] {
  const logits = Float64Array.from(data as ArrayLike<number>);
  try {
    if (logits.length !== count || !logits.every(Number.isFinite)) throw new EarshotError("RUNTIME_FAILED");
    const highest = Math.max(...logits);
    for (let i = 0; i < count; i += 1)
      logits[i] = exclusive ? Math.exp(logits[i] - highest) : 1 / (1 + Math.exp(-logits[i]));
    const sum = exclusive ? logits.reduce((total, value) => total + value, 0) : 1;
    for (let i = 0; i < count; i += 1) logits[i] /= sum;
    return mapScores(logits);
  } finally {
    logits.fill(0);
  }
}

/** Where a character ends, at or before `cut`; the end itself when nothing is cut off. */
function characterEnd(source: Uint8Array, start: number, cut: number, end: number): number {
  let at = cut;
  while (at < end && at > start && (source[at] & 0xc0) === 0x80) at -= 1;
  return at;
}

function wipe(encoding: Encoding): void {
  for (const { data } of Object.values(encoding))
    if (data instanceof BigInt64Array) data.fill(0n);
    else if (data instanceof Float32Array) data.fill(0);
}
