import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { startSession } from "../../src/audit/child-session.js";
import { createPatternIndex } from "../../src/audit/pattern-index.js";
import { idPatterns, type Pattern } from "../../src/audit/patterns.js";
import { createResidueScanner } from "../../src/audit/residue-scan.js";
import { loadOnnxRuntime, type OnnxInput, type OnnxOutput } from "../../src/runtimes/onnx.js";
import { createOnnxSession, type NativeRuntime } from "../../src/runtimes/onnx-session.js";
import { canScan } from "../audit/child-programs.js";
import { encodeOnnxModel, FACTOR } from "../support/onnx-model.js";

const VOCABULARY = 2000;
const WIDTH = 64;
const embedding = Float32Array.from({ length: VOCABULARY * WIDTH }, (_, index) => Math.fround(Math.sin(index + 1)));
const identity = Float32Array.from({ length: WIDTH * WIDTH }, (_, index) => (index % (WIDTH + 1) === 0 ? 1 : 0));
const model = encodeOnnxModel({ vocabulary: VOCABULARY, width: WIDTH, embedding, weights: identity });
const session = await loadOnnxRuntime().createSession(model);
const folder = mkdtempSync(join(tmpdir(), "earshot-onnx-session-"));

afterAll(async () => {
  await session.close();
  rmSync(folder, { recursive: true });
});

function idInput(ids: readonly number[], more: Partial<OnnxInput> = {}): OnnxInput & { data: BigInt64Array } {
  const data = BigInt64Array.from(ids, BigInt);
  return { data, shape: [1, ids.length], below: VOCABULARY, ...more } as OnnxInput & { data: BigInt64Array };
}

function meanOutput(): OnnxOutput {
  return { data: new Float32Array(WIDTH), shape: [1, WIDTH] };
}

const isWiped = ({ data }: OnnxInput | OnnxOutput): boolean =>
  Array.from<unknown>(data).every((value) => Number(value) === 0);

describe("run", () => {
  it("gives what the model says and wipes inputs and outputs", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(VOCABULARY - 1), { minLength: 1, maxLength: 40 }), async (ids) => {
        const [input, output] = [idInput(ids), meanOutput()];
        let mean = new Float32Array();
        await session.run([{ ids: input }], { mean: output }, () => {
          mean = output.data.slice();
        });
        for (let column = 0; column < WIDTH; column += 1) {
          const sum = ids.reduce((total, id) => total + embedding[id * WIDTH + column] * FACTOR, 0);
          expect(mean[column]).toBeCloseTo(sum / ids.length, 4);
        }
        expect([input, output].every(isWiped)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ["an id at the limit", { ids: idInput([1, VOCABULARY]) }, { position: 1 }],
    ["a negative id", { ids: idInput([-1]) }, { position: 0 }],
    ["a padding out of range", { ids: idInput([1], { padding: VOCABULARY }) }, { padding: VOCABULARY }],
    ["a shape that does not fit", { ids: idInput([1, 2], { shape: [1, 3] }) }, { elements: 3 }],
    ["an empty input", { ids: idInput([]) }, { elements: 0 }],
  ])("refuses %s before the run, and wipes", async (_, inputs, details) => {
    const output = meanOutput();
    output.data.fill(1);
    let wasRead = false;
    const read = (): void => {
      wasRead = true;
    };
    await expect(session.run([inputs], { mean: output }, read)).rejects.toMatchObject({
      code: "INPUT_INVALID",
      details,
    });
    expect([inputs.ids, output].every(isWiped)).toBe(true);
    expect(wasRead).toBe(false);
  });

  it.each([
    ["an input that the model does not know", { other: idInput([1]) }],
    ["an input of the wrong type", { ids: { data: Float32Array.of(1), shape: [1, 1] } }],
    ["an id that only the model refuses", { ids: idInput([VOCABULARY], { below: VOCABULARY * 2 }) }],
  ])("fails on %s without a word of the runtime, and wipes", async (_, inputs) => {
    const output = meanOutput();
    const error = await session.run([inputs], { mean: output }, () => {}).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "RUNTIME_FAILED", details: {} });
    expect((error as Error).cause).toBeUndefined();
    expect([...Object.values<OnnxInput>(inputs), output].every(isWiped)).toBe(true);
  });

  it("wipes and stays usable when `read` throws", async () => {
    const [input, output] = [idInput([5, 6]), meanOutput()];
    const fault = new Error("fault");
    const read = (): never => {
      throw fault;
    };
    await expect(session.run([{ ids: input }], { mean: output }, read)).rejects.toBe(fault);
    expect([input, output].every(isWiped)).toBe(true);
    await expect(session.run([{ ids: idInput([1]) }], { mean: meanOutput() }, () => {})).resolves.toBeUndefined();
  });

  it("reads after each of several windows, and wipes them all", async () => {
    const windows = [
      [1, 2],
      [3, 4],
      [5, 6],
    ].map((ids) => ({ ids: idInput(ids) }));
    const output = meanOutput();
    const firsts: number[] = [];
    await session.run(windows, { mean: output }, () => firsts.push(output.data[0]));
    expect(new Set(firsts).size).toBe(3);
    expect([...windows.map(({ ids }) => ids), output].every(isWiped)).toBe(true);
  });

  it.each([
    ["no window", [], { windows: 0 }],
    ["windows of two lengths", [{ ids: idInput([1, 2]) }, { ids: idInput([3]) }], { shapes: true }],
  ])("refuses %s, and wipes", async (_, windows, details) => {
    const refused = session.run(windows, { mean: meanOutput() }, () => {});
    await expect(refused).rejects.toMatchObject({ code: "INPUT_INVALID", details });
    expect(windows.every(({ ids }) => isWiped(ids))).toBe(true);
  });

  it("overwrites what is left when a window fails", async () => {
    const windows = [{ ids: idInput([1, 2]) }, { ids: idInput([3, VOCABULARY], { below: VOCABULARY * 2 }) }];
    const failed = session.run(windows, { mean: meanOutput() }, () => {});
    await expect(failed).rejects.toMatchObject({ code: "RUNTIME_FAILED" });
    expect(windows.every(({ ids }) => isWiped(ids))).toBe(true);
  });

  it("refuses a run inside a run", async () => {
    const first = session.run([{ ids: idInput([1]) }], { mean: meanOutput() }, () => {});
    const second = session.run([{ ids: idInput([1]) }], { mean: meanOutput() }, () => {});
    await expect(second).rejects.toMatchObject({ code: "INPUT_INVALID", details: { running: true } });
    await expect(first).resolves.toBeUndefined();
  });
});

describe("createSession", () => {
  it.each([
    ["bytes that are no model", Uint8Array.of(1, 2, 3), {}, "RUNTIME_FAILED"],
    ["no threads", model, { threads: 0 }, "INPUT_INVALID"],
    ["half a thread", model, { threads: 1.5 }, "INPUT_INVALID"],
  ])("refuses %s", async (_, bytes, options, code) => {
    await expect(loadOnnxRuntime().createSession(bytes, options)).rejects.toMatchObject({ code });
  });

  it("asks the runtime for bytes, one thread and silence, and runs once more with padding after the last window", async () => {
    const created: unknown[] = [];
    const copyOfResults = Float32Array.of(1, 2);
    const seen: unknown[] = [];
    const native: NativeRuntime = {
      env: {},
      Tensor: class {
        readonly values: unknown[];
        constructor(_: string, data: OnnxInput["data"]) {
          this.values = Array.from<unknown>(data);
        }
      },
      InferenceSession: {
        create: async (...parameters) => {
          created.push(parameters);
          return {
            run: async (feeds, _, options) => {
              seen.push([(feeds.ids as { values: unknown }).values, options]);
              return { mean: { data: copyOfResults } };
            },
            release: async () => {},
          };
        },
      },
    };
    const fake = await createOnnxSession(native, model);
    await fake.run(
      [{ ids: idInput([6, 7]) }, { ids: idInput([8, 9], { padding: 4 }) }],
      { mean: meanOutput() },
      () => {},
    );
    const quiet = { logSeverityLevel: 4 };
    const options = {
      graphOptimizationLevel: "basic",
      enableMemPattern: false,
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      ...quiet,
    };
    expect(created).toEqual([[model, expect.objectContaining(options)]]);
    expect(seen).toEqual([
      [[6n, 7n], quiet],
      [[8n, 9n], quiet],
      [[4n, 4n], quiet],
    ]);
    expect([...copyOfResults]).toEqual([0, 0]);
  });
});

describe("close", () => {
  it("waits for the run under way; later runs are refused and wiped", async () => {
    const own = await loadOnnxRuntime().createSession(model);
    const run = own.run([{ ids: idInput([3]) }], { mean: meanOutput() }, () => {});
    await own.close();
    await own.close();
    await expect(run).resolves.toBeUndefined();
    const late = idInput([3]);
    await expect(own.run([{ ids: late }], { mean: meanOutput() }, () => {})).rejects.toMatchObject({ code: "CLOSED" });
    expect(isWiped(late)).toBe(true);
  });
});

const onLinux = canScan ? "" : " (needs Linux with /proc/<pid>/pagemap)";
const TOKENS = 64;

/** Copies of ids and of intermediate values in a process that has run the model once. */
async function residueAfterRun(scrub: boolean): Promise<number> {
  const path = join(folder, "model.onnx");
  writeFileSync(path, model);
  const ids = Array.from({ length: TOKENS }, (_, index) => 300 + ((index * 613) % (VOCABULARY - 300)));
  const patterns: Pattern[] = [...idPatterns(ids)];
  for (const id of ids) {
    const row = embedding.subarray(id * WIDTH, (id + 1) * WIDTH).map((value) => Math.fround(value * FACTOR));
    for (let start = 0; start < WIDTH; start += 8)
      patterns.push({ kind: "id_f32", bytes: new Uint8Array(row.slice(start, start + 8).buffer) });
  }
  const source = `
    import { readFileSync, readSync, writeSync } from "node:fs";
    import { loadOnnxRuntime } from "${new URL("../../src/runtimes/onnx.ts", import.meta.url).href}";
    const session = await loadOnnxRuntime().createSession(readFileSync("${path}"), { scrub: ${scrub} });
    const data = new BigInt64Array(${TOKENS});
    const mean = { data: new Float32Array(${WIDTH}), shape: [1, ${WIDTH}] };
    readSync(0, new Uint8Array(data.buffer));
    await session.run([{ ids: { data, shape: [1, ${TOKENS}], below: ${VOCABULARY} } }], { mean }, () => {});
    writeSync(1, "{}\\n");
    process.stdin.resume();`;
  const command = [process.execPath, "--import", import.meta.resolve("tsx"), "--input-type=module", "--eval", source];
  const child = await startSession({ command, index: createPatternIndex([]), replyTimeoutMs: 20_000 });
  if (child === undefined || !(await child.send([new Uint8Array(BigInt64Array.from(ids, BigInt).buffer)])))
    throw new Error("no answer");
  const scan = createResidueScanner(patterns).scan(child.pid);
  await child.close();
  if (!scan.available) throw new Error(scan.reason);
  return scan.copies;
}

describe(`residue of a run${onLinux}`, () => {
  it.runIf(canScan)("is nothing with the scrub run", async () => {
    expect(await residueAfterRun(true)).toBe(0);
  });

  it.runIf(canScan)("is found without it", async () => {
    expect(await residueAfterRun(false)).toBeGreaterThan(0);
  });
});
