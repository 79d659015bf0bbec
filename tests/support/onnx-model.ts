/**
 * A small ONNX model, written byte by byte (field numbers: onnx.proto of the ONNX project, IR version 8, opset 13):
 *
 *     ids int64 [1, n] -> Gather from `embedding` -> Mul by 3 -> MatMul by `weights` -> ReduceMean -> mean float [1, width]
 *
 * Multiplying by 3 is exact to predict in 32-bit floats, so that a test knows the intermediate values beforehand.
 */
export interface OnnxModelParts {
  readonly vocabulary: number;
  readonly width: number;
  /** `vocabulary` times `width`. */
  readonly embedding: Float32Array;
  /** `width` times `width`. */
  readonly weights: Float32Array;
}

/** Factor between an embedding and the intermediate values. */
export const FACTOR = 3;

const FLOAT = 1;
const INT32 = 6;
const INT64 = 7;
const INTEGERS_ATTRIBUTE = 7;
const INTEGER_ATTRIBUTE = 2;

/** The bytes of the model. */
export function encodeOnnxModel({ vocabulary, width, embedding, weights }: OnnxModelParts): Uint8Array {
  const graph = [
    ...node("Gather", ["embedding", "ids"], ["rows"]),
    ...node("Mul", ["rows", "factor"], ["hidden"]),
    ...node("MatMul", ["hidden", "weights"], ["mixed"]),
    ...node("ReduceMean", ["mixed"], ["mean"], [axes(1), keepDimensions(0)]),
    ...text(2, "test"),
    ...message(5, floats("embedding", [vocabulary, width], embedding)),
    ...message(5, floats("factor", [1], Float32Array.of(FACTOR))),
    ...message(5, floats("weights", [width, width], weights)),
    ...message(11, value("ids", INT64, [1, "n"])),
    ...message(12, value("mean", FLOAT, [1, width])),
  ];
  return Uint8Array.from([...integer(1, 8), ...message(8, integer(2, 13)), ...message(7, graph)]);
}

/**
 * The smallest graph that a pack may have as its encoder, by the same rules:
 *
 *     ids int32 [n] -> Gather from `embedding` -> ReduceMean over the pieces -> logits float [columns]
 *
 * @param embedding one row of `columns` numbers a piece
 */
export function encodeEncoderModel(embedding: Float32Array, columns: number): Uint8Array {
  const graph = [
    ...node("Gather", ["embedding", "ids"], ["rows"]),
    ...node("ReduceMean", ["rows"], ["logits"], [axes(0), keepDimensions(0)]),
    ...text(2, "test"),
    ...message(5, floats("embedding", [embedding.length / columns, columns], embedding)),
    ...message(11, value("ids", INT32, ["n"])),
    ...message(12, value("logits", FLOAT, [columns])),
  ];
  return Uint8Array.from([...integer(1, 8), ...message(8, integer(2, 13)), ...message(7, graph)]);
}

function node(operator: string, inputs: string[], outputs: string[], attributes: number[][] = []): number[] {
  return message(1, [
    ...inputs.flatMap((name) => text(1, name)),
    ...outputs.flatMap((name) => text(2, name)),
    ...text(4, operator),
    ...attributes.flatMap((attribute) => message(5, attribute)),
  ]);
}

function axes(axis: number): number[] {
  return [...text(1, "axes"), ...integer(8, axis), ...integer(20, INTEGERS_ATTRIBUTE)];
}

function keepDimensions(keep: number): number[] {
  return [...text(1, "keepdims"), ...integer(3, keep), ...integer(20, INTEGER_ATTRIBUTE)];
}

function floats(name: string, shape: number[], data: Float32Array): number[] {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return [...shape.flatMap((size) => integer(1, size)), ...integer(2, FLOAT), ...text(8, name), ...message(9, bytes)];
}

function value(name: string, type: number, shape: Array<number | string>): number[] {
  const dimensions = shape.flatMap((size) => message(1, typeof size === "number" ? integer(1, size) : text(2, size)));
  return [...text(1, name), ...message(2, message(1, [...integer(1, type), ...message(2, dimensions)]))];
}

// Protocol Buffers encoding: a tag of field number and wire type, then a varint or a length and bytes.
function varint(number: number): number[] {
  return number < 0x80 ? [number] : [(number & 0x7f) | 0x80, ...varint(Math.floor(number / 0x80))];
}

function integer(field: number, number: number): number[] {
  return [...varint(field << 3), ...varint(number)];
}

function message(field: number, bytes: ArrayLike<number>): number[] {
  return [...varint((field << 3) | 2), ...varint(bytes.length), ...Array.from(bytes)];
}

function text(field: number, characters: string): number[] {
  return message(field, Buffer.from(characters));
}
