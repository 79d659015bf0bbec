/**
 * Writes ONNX graphs byte by byte (Protocol Buffers; field numbers: onnx.proto of the ONNX project), so that a model of
 * any size can be made without Python and without a megabyte of tooling.
 */

/** Element types of tensors, as ONNX numbers them. */
export const TYPES = { float: 1, uint8: 2, int8: 3, int32: 6, int64: 7 } as const;
/** Numbers that a graph can hold. */
export type TensorData = Float32Array | Uint8Array | Int8Array | BigInt64Array;
/** A number, a float written as such, or a list of integers. */
export type Attribute = number | { readonly float: number } | readonly number[];

const IR_VERSION = 8;
const OPERATOR_SET = 17;

/** A graph under construction. Every operation returns the name of its result. */
export interface Graph {
  /** Adds an operation with one result; `results` more when it has several. */
  operation(type: string, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>): string;
  operations(type: string, inputs: readonly string[], results: number): string[];
  constant(shape: readonly number[], data: TensorData): string;
  input(name: string, type: keyof typeof TYPES, shape: ReadonlyArray<number | string>): string;
  /** Gives a result its final name and makes it an output. */
  output(result: string, name: string, type: keyof typeof TYPES, shape: ReadonlyArray<number | string>): void;
  /** The whole model. */
  encode(): Uint8Array;
}

/** Starts an empty graph. */
export function createGraph(): Graph {
  const parts: Uint8Array[] = [];
  let names = 0;
  const newName = (): string => {
    names += 1;
    return `t${names}`;
  };
  const addNode = (
    type: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
  ): void => {
    const fields = [
      ...inputs.map((name) => text(1, name)),
      ...outputs.map((name) => text(2, name)),
      text(4, type),
      ...Object.entries(attributes).map(([name, value]) => message(5, [text(1, name), ...encodeAttribute(value)])),
    ];
    parts.push(message(1, fields));
  };

  return {
    operation(type, inputs, attributes = {}) {
      const name = newName();
      addNode(type, inputs, [name], attributes);
      return name;
    },
    operations(type, inputs, results) {
      const outputs = Array.from({ length: results }, newName);
      addNode(type, inputs, outputs, {});
      return outputs;
    },
    constant(shape, data) {
      const name = newName();
      const dimensions = shape.map((size) => integer(1, size));
      parts.push(message(5, [...dimensions, integer(2, typeOf(data)), text(8, name), message(9, [bytesOf(data)])]));
      return name;
    },
    input(name, type, shape) {
      parts.push(message(11, [encodeValue(name, TYPES[type], shape)]));
      return name;
    },
    output(result, name, type, shape) {
      addNode("Identity", [result], [name], {});
      parts.push(message(12, [encodeValue(name, TYPES[type], shape)]));
    },
    encode: () =>
      concatenate([
        integer(1, IR_VERSION),
        message(8, [integer(2, OPERATOR_SET)]),
        message(7, [...parts, text(2, "graph")]),
      ]),
  };
}

function typeOf(data: TensorData): number {
  if (data instanceof Float32Array) return TYPES.float;
  if (data instanceof BigInt64Array) return TYPES.int64;
  return data instanceof Int8Array ? TYPES.int8 : TYPES.uint8;
}

function bytesOf({ buffer, byteOffset, byteLength }: TensorData): Uint8Array {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}

function encodeAttribute(value: Attribute): Uint8Array[] {
  if (typeof value === "number") return [integer(3, value), integer(20, 2)];
  if ("float" in value) {
    const bytes = new Uint8Array(Float32Array.of(value.float).buffer);
    return [Uint8Array.from([(2 << 3) | 5, ...bytes]), integer(20, 1)];
  }
  return [...value.map((item) => integer(8, item)), integer(20, 7)];
}

function encodeValue(name: string, type: number, shape: ReadonlyArray<number | string>): Uint8Array {
  const dimensions = shape.map((size) => message(1, [typeof size === "number" ? integer(1, size) : text(2, size)]));
  return concatenate([text(1, name), message(2, [message(1, [integer(1, type), message(2, dimensions)])])]);
}

// A field is a tag of number and wire type, then a varint, or a length and bytes.
function varint(value: number): number[] {
  // Negative numbers are 64-bit two's complement, ten bytes long.
  if (value < 0) {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
    return [...bytes, Number(rest)];
  }
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return [...bytes, rest];
}

function integer(field: number, value: number): Uint8Array {
  return Uint8Array.from([...varint(field << 3), ...varint(value)]);
}

function message(field: number, parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return concatenate([Uint8Array.from([...varint((field << 3) | 2), ...varint(length)]), ...parts]);
}

function text(field: number, characters: string): Uint8Array {
  return message(field, [new TextEncoder().encode(characters)]);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
