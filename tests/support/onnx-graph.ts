/** Reads and rewrites an ONNX model as Protocol Buffers (field numbers: onnx.proto of the ONNX project). */

interface Field {
  readonly number: number;
  /** What it holds, where that has a length. */
  readonly content: Uint8Array;
}

const MODEL_GRAPH = 7;
const GRAPH_NODE = 1;
const GRAPH_OUTPUT = 12;
const NODE_OUTPUT = 2;
const VALUE_NAME = 1;
/** An output already. */
const OUTPUT = "logits";
const LENGTH_DELIMITED = 2;

/** The model with every result of its nodes as an output, by its name. */
export function withEveryResult(encoder: Uint8Array): { readonly model: Uint8Array; readonly results: string[] } {
  const results = readFields(only(readFields(encoder), MODEL_GRAPH).content)
    .filter(({ number }) => number === GRAPH_NODE)
    .flatMap(({ content }) => readFields(content).filter(({ number }) => number === NODE_OUTPUT))
    .map(({ content }) => Buffer.from(content).toString())
    .filter((name) => name !== OUTPUT);
  const outputs = results.map((name) => field(GRAPH_OUTPUT, field(VALUE_NAME, Buffer.from(name))));
  // A field that occurs twice is read as one with the content of both.
  return { model: Buffer.concat([encoder, field(MODEL_GRAPH, Buffer.concat(outputs))]), results };
}

function readFields(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  let position = 0;
  const varint = (): number => {
    let number = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = bytes[position++];
      number += (byte & 0x7f) * scale;
      if (byte < 0x80) return number;
    }
  };
  while (position < bytes.length) {
    const tag = varint();
    const wire = tag % 8;
    const length = wire === LENGTH_DELIMITED ? varint() : wire === 5 ? 4 : wire === 1 ? 8 : 0;
    if (wire === 0) varint();
    const from = position;
    position += length;
    fields.push({ number: Math.floor(tag / 8), content: bytes.subarray(from, position) });
  }
  return fields;
}

function only(fields: readonly Field[], number: number): Field {
  const found = fields.filter((one) => one.number === number);
  if (found.length !== 1) throw new Error(`field ${number} occurs ${found.length} times`);
  return found[0];
}

function field(number: number, content: Uint8Array): Buffer {
  const prefix: number[] = [number * 8 + LENGTH_DELIMITED];
  let rest = content.length;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) prefix.push((rest % 0x80) + 0x80);
  return Buffer.concat([Buffer.from([...prefix, rest]), content]);
}
