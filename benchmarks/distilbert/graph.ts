import { createRandom } from "../../src/evaluation/random.js";
import { createGraph, type Graph } from "./onnx-bytes.js";

/** The size of a model. */
export interface DistilBertSize {
  /** Pieces of the vocabulary. */
  readonly pieces: number;
  readonly positions: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Width inside a feed-forward block. */
  readonly inner: number;
  readonly labels: number;
}

/** `distilbert-base-uncased` (Sanh et al. 2019) with two labels: 67 million weights. */
export const DISTILBERT: DistilBertSize = {
  pieces: 30_522,
  positions: 512,
  width: 768,
  layers: 6,
  heads: 12,
  inner: 3072,
  labels: 2,
};

const EPSILON = 1e-12;
const MASKED = -10_000;

/**
 * A DistilBERT for sequence classification with random weights, as `input_ids` and `attention_mask` to `logits`. Its
 * matrices are 8-bit with dynamic quantisation, operation by operation as `quantize_dynamic` of ONNX Runtime writes
 * them (what is published for transformers.js as `model_quantized.onnx`); or, for tests, 32-bit.
 *
 * The time of a run does not depend on what the weights are, so that random ones do for a comparison of speed.
 */
export function encodeDistilBert(size: DistilBertSize, { seed = 1, quantized = true } = {}): Uint8Array {
  const { pieces, positions, width, layers, heads, inner, labels } = size;
  const graph = createGraph();
  const weights = createWeights(graph, seed, quantized);
  const ids = graph.input("input_ids", "int64", ["batch", "length"]);
  const attention = graph.input("attention_mask", "int64", ["batch", "length"]);

  const float = (value: number): string => graph.constant([], Float32Array.of(value));
  const integers = (...values: number[]): string =>
    graph.constant([values.length], BigInt64Array.from(values.map(BigInt)));
  const add = (a: string, b: string): string => graph.operation("Add", [a, b]);
  const normalise = (x: string): string =>
    graph.operation("LayerNormalization", [x, weights.ones(width), weights.zeros(width)], {
      axis: -1,
      epsilon: { float: EPSILON },
    });
  const split = (x: string, order: readonly number[]): string =>
    graph.operation("Transpose", [graph.operation("Reshape", [x, integers(0, 0, heads, width / heads)])], {
      perm: order,
    });

  const length = graph.operation("Gather", [graph.operation("Shape", [ids]), integers(1)], { axis: 0 });
  const places = graph.operation("Slice", [weights.table(positions, width), integers(0), length, integers(0)]);
  let x = normalise(add(weights.lookUp(pieces, width, ids), places));

  const seen = graph.operation("Cast", [graph.operation("Unsqueeze", [attention, integers(1, 2)])], { to: 1 });
  const mask = graph.operation("Mul", [graph.operation("Sub", [float(1), seen]), float(MASKED)]);
  for (let layer = 0; layer < layers; layer += 1) {
    const input = weights.prepare(x);
    const query = split(weights.linear(input, width, width), [0, 2, 1, 3]);
    const key = split(weights.linear(input, width, width), [0, 2, 3, 1]);
    const value = split(weights.linear(input, width, width), [0, 2, 1, 3]);
    const scaled = graph.operation("Div", [query, float(Math.sqrt(width / heads))]);
    const scores = add(graph.operation("MatMul", [scaled, key]), mask);
    const shares = graph.operation("Softmax", [scores], { axis: -1 });
    const mixed = graph.operation("Transpose", [graph.operation("MatMul", [shares, value])], { perm: [0, 2, 1, 3] });
    const joined = graph.operation("Reshape", [mixed, integers(0, 0, width)]);
    x = normalise(add(x, weights.linear(weights.prepare(joined), width, width)));
    const wide = weights.linear(weights.prepare(x), width, inner);
    // GELU, as exported: 0.5 x (1 + erf(x / sqrt 2)).
    const curve = add(graph.operation("Erf", [graph.operation("Div", [wide, float(Math.SQRT2)])]), float(1));
    const bent = graph.operation("Mul", [graph.operation("Mul", [wide, curve]), float(0.5)]);
    x = normalise(add(x, weights.linear(weights.prepare(bent), inner, width)));
  }
  const first = graph.operation("Gather", [x, graph.constant([], BigInt64Array.of(0n))], { axis: 1 });
  const pooled = graph.operation("Relu", [weights.linear(weights.prepare(first), width, width)]);
  const logits = weights.linear(weights.prepare(pooled), width, labels);
  graph.output(logits, "logits", "float", ["batch", labels]);
  return graph.encode();
}

/** What a linear layer reads: the numbers, or their 8-bit form with scale and zero point. */
type Prepared = readonly string[];

interface Weights {
  prepare(x: string): Prepared;
  linear(input: Prepared, from: number, to: number): string;
  lookUp(rows: number, width: number, ids: string): string;
  table(rows: number, width: number): string;
  ones(length: number): string;
  zeros(length: number): string;
}

function createWeights(graph: Graph, seed: number, quantized: boolean): Weights {
  const random = createRandom(seed);
  /** Spread as in a trained model of this width, so that no number runs away. */
  const spread = (from: number): number => 1 / Math.sqrt(from);
  const floats = (count: number, range: number): Float32Array =>
    Float32Array.from({ length: count }, () => (random() * 2 - 1) * range);
  const bytes = (count: number): Int8Array =>
    Int8Array.from({ length: count }, () => Math.round((random() * 2 - 1) * 127));
  const scalar = (value: number): string => graph.constant([], Float32Array.of(value));

  return {
    prepare: (x) => (quantized ? graph.operations("DynamicQuantizeLinear", [x], 3) : [x]),
    linear(input, from, to) {
      const bias = graph.constant([to], floats(to, 0.02));
      if (!quantized) {
        const matrix = graph.constant([from, to], floats(from * to, spread(from)));
        return graph.operation("Add", [graph.operation("MatMul", [input[0], matrix]), bias]);
      }
      const [values, scale, zero] = input;
      const matrix = graph.constant([from, to], bytes(from * to));
      const noOffset = graph.constant([], new Int8Array(1));
      const product = graph.operation("MatMulInteger", [values, matrix, zero, noOffset]);
      const factor = graph.operation("Mul", [scale, scalar(spread(from) / 127)]);
      const scaled = graph.operation("Mul", [graph.operation("Cast", [product], { to: 1 }), factor]);
      return graph.operation("Add", [scaled, bias]);
    },
    lookUp(rows, width, ids) {
      if (!quantized) return graph.operation("Gather", [graph.constant([rows, width], floats(rows * width, 1)), ids]);
      const table = graph.constant([rows, width], bytes(rows * width));
      const found = graph.operation("Gather", [table, ids]);
      return graph.operation("DequantizeLinear", [found, scalar(1 / 127), graph.constant([], new Int8Array(1))]);
    },
    table: (rows, width) => graph.constant([rows, width], floats(rows * width, 0.1)),
    ones: (length) => graph.constant([length], new Float32Array(length).fill(1)),
    zeros: (length) => graph.constant([length], new Float32Array(length)),
  };
}
