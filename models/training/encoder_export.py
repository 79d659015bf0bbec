"""Writes the encoder as an ONNX graph with 8-bit weights, made for onnxruntime's fast kernels.

    python models/training/encoder_export.py [--without FILE] [--seed 0]

Reads encoder-SEED.pt, writes encoder.onnx beside it, and prints how far its logits are from those of the trainer.

Additions and layer normalisations stay separate: the kernel that fuses them is four times slower (../README.md). That
holds as long as the graph is loaded with the optimisations that it already has, which is how src/runtimes loads it.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from encoder_finetune import LABELS, OUTPUT, Classifier
from encoder_net import ATTENTION_HEADS, LAYERS, PIECE_SCALE, WIDTH, attention_bias
from encoder_windows import LENGTH, SEPARATOR, START, VOCABULARY
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

OPSET, IR_VERSION = 17, 8
DEPTH = WIDTH // ATTENTION_HEADS


class Graph:
    """Nodes and constants, each result named after its operation."""

    def __init__(self) -> None:
        self.nodes, self.constants, self.count = [], [], 0

    def constant(self, values: np.ndarray) -> str:
        self.count += 1
        name = f"constant-{self.count}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def apply(self, operation: str, *inputs: str, **attributes: object) -> str:
        self.count += 1
        name = f"{operation}-{self.count}"
        self.nodes.append(helper.make_node(operation, list(inputs), [name], name=name, **attributes))
        return name

    def integers(self, *values: int) -> str:
        return self.constant(np.array(values, np.int64))


def build(state: dict[str, np.ndarray]) -> onnx.ModelProto:
    graph = Graph()

    def weight(name: str) -> np.ndarray:
        return state[f"encoder.{name}"]

    def linear(values: str, matrix: np.ndarray, bias: np.ndarray) -> str:
        return graph.apply("Add", graph.apply("MatMul", values, graph.constant(matrix.T)), graph.constant(bias))

    def norm(values: str, name: str) -> str:
        scale, bias = graph.constant(weight(f"{name}.weight")), graph.constant(weight(f"{name}.bias"))
        return graph.apply("LayerNormalization", values, scale, bias, axis=-1, epsilon=1e-5)

    length = graph.apply("Shape", "ids")
    zero, one, two = graph.integers(0), graph.integers(1), graph.integers(2)
    pieces = graph.apply("Gather", graph.constant(weight("pieces.weight") * PIECE_SCALE), "ids")
    places = graph.apply("Slice", graph.constant(weight("places.weight")), zero, length, zero)
    states = graph.apply("Add", pieces, places)
    bias = graph.constant(attention_bias(LENGTH).numpy())
    corner = graph.apply("Concat", length, length, axis=0)
    bias = graph.apply("Slice", bias, graph.integers(0, 0), corner, graph.integers(1, 2))
    for layer in range(LAYERS):
        name = f"blocks.{layer}"
        matrix, offset = weight(f"{name}.attention_in.weight").copy(), weight(f"{name}.attention_in.bias").copy()
        # The scale of the scores is part of the query's weights.
        matrix[:WIDTH] *= DEPTH**-0.5
        offset[:WIDTH] *= DEPTH**-0.5
        parts = linear(norm(states, f"{name}.attention_norm"), matrix, offset)
        parts = graph.apply("Reshape", parts, graph.integers(0, 3, ATTENTION_HEADS, DEPTH))
        parts = graph.apply("Transpose", parts, perm=[1, 2, 0, 3])
        query, key, value = (
            graph.apply("Squeeze", graph.apply("Slice", parts, at, until, zero), zero)
            for at, until in ((zero, one), (one, two), (two, graph.integers(3)))
        )
        scores = graph.apply("MatMul", query, graph.apply("Transpose", key, perm=[0, 2, 1]))
        shares = graph.apply("Softmax", graph.apply("Add", scores, bias), axis=-1)
        mixed = graph.apply("Transpose", graph.apply("MatMul", shares, value), perm=[1, 0, 2])
        mixed = graph.apply("Reshape", mixed, graph.integers(0, WIDTH))
        out = linear(mixed, weight(f"{name}.attention_out.weight"), weight(f"{name}.attention_out.bias"))
        states = graph.apply("Add", states, out)
        inner = linear(norm(states, f"{name}.expansion_norm"), weight(f"{name}.expansion_in.weight"), weight(f"{name}.expansion_in.bias"))
        outer = linear(graph.apply("Relu", inner), weight(f"{name}.expansion_out.weight"), weight(f"{name}.expansion_out.bias"))
        states = graph.apply("Add", states, outer)
    states = norm(states, "norm")
    first = graph.apply("Slice", states, zero, one, zero)
    mean = graph.apply("ReduceMean", states, axes=[0], keepdims=1)
    highest = graph.apply("ReduceMax", states, axes=[0], keepdims=1)
    pooled = graph.apply("Concat", first, mean, highest, axis=1)
    logits = linear(pooled, state["head.weight"], state["head.bias"])
    graph.nodes.append(helper.make_node("Reshape", [logits, graph.integers(LABELS)], ["logits"], name="logits"))
    inputs = [helper.make_tensor_value_info("ids", TensorProto.INT32, ["pieces"])]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [LABELS])]
    proto = helper.make_graph(graph.nodes, "encoder", inputs, outputs, graph.constants)
    model = helper.make_model(proto, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="earshot")
    model.ir_version = IR_VERSION
    onnx.checker.check_model(model)
    return model


def quantise(model: onnx.ModelProto, target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        plain, small = Path(folder, "plain.onnx"), Path(folder, "small.onnx")
        onnx.save(model, plain)
        # One bit less than eight, because processors without the newest instructions would overflow.
        quantize_dynamic(
            plain, small, op_types_to_quantize=["MatMul", "Gather"], weight_type=QuantType.QInt8, reduce_range=True,
            extra_options={"MatMulConstBOnly": True},
        )  # fmt: skip
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
        options.optimized_model_filepath = str(target)
        onnxruntime.InferenceSession(small, options, providers=["CPUExecutionProvider"], disabled_optimizers=["SkipLayerNormFusion"])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--without")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    folder = OUTPUT if options.without is None else OUTPUT / f"without-{options.without}"
    state = torch.load(folder / f"encoder-{options.seed}.pt")
    target = folder / "encoder.onnx"
    quantise(build({name: value.float().numpy() for name, value in state.items()}), target)
    model = Classifier(LABELS)
    model.load_state_dict(state)
    model.eval()
    session = onnxruntime.InferenceSession(target, providers=["CPUExecutionProvider"])
    random_source = np.random.default_rng(1)
    largest = 0.0
    for length in (3, 20, 60, LENGTH):
        ids = np.append(START, random_source.integers(SEPARATOR + 1, VOCABULARY, length - 1)).astype(np.int32)
        with torch.no_grad():
            wanted = model(torch.from_numpy(ids[None].astype(np.int64)))[0].numpy()
        largest = max(largest, float(np.abs(session.run(None, {"ids": ids})[0] - wanted).max()))
    print(f"{target.stat().st_size / 1e6:.2f} MB, largest difference of a logit {largest:.3f}")


if __name__ == "__main__":
    main()
