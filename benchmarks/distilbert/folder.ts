import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type DistilBertSize, encodeDistilBert } from "./graph.js";
import { tokenizerConfig, wordPieceTokenizer } from "./tokenizer.js";

/** What is put into a model folder. */
export interface ModelFolderOptions {
  readonly size: DistilBertSize;
  /** Pieces of the tokenizer, special ones first; at most `size.pieces`. */
  readonly pieces: readonly string[];
  readonly labels: readonly string[];
  /** Whether several labels may hold at once. */
  readonly multiLabel?: boolean;
  readonly seed?: number;
}

/** Writes a folder as transformers.js reads it, with a model of random weights; both its 8-bit and 32-bit file when small. */
export function writeModelFolder(folder: string, options: ModelFolderOptions): void {
  const { size, pieces, labels, multiLabel = false, seed = 1 } = options;
  mkdirSync(join(folder, "onnx"), { recursive: true });
  const writeJson = (name: string, value: object): void => writeFileSync(join(folder, name), JSON.stringify(value));
  writeJson("config.json", {
    architectures: ["DistilBertForSequenceClassification"],
    model_type: "distilbert",
    dim: size.width,
    hidden_dim: size.inner,
    n_heads: size.heads,
    n_layers: size.layers,
    max_position_embeddings: size.positions,
    vocab_size: size.pieces,
    problem_type: multiLabel ? "multi_label_classification" : "single_label_classification",
    id2label: Object.fromEntries(labels.map((label, id) => [id, label])),
    label2id: Object.fromEntries(labels.map((label, id) => [label, id])),
  });
  writeJson("tokenizer.json", wordPieceTokenizer(pieces));
  writeJson("tokenizer_config.json", tokenizerConfig(size.positions));
  writeFileSync(join(folder, "onnx/model_quantized.onnx"), encodeDistilBert(size, { seed }));
  if (size.width <= SMALL)
    writeFileSync(join(folder, "onnx/model.onnx"), encodeDistilBert(size, { seed, quantized: false }));
}

const SMALL = 64;
