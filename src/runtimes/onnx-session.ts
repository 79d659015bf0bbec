import { EarshotError } from "../errors.js";

/** Numbers that go into a model. They are wiped after the run, whatever came of it. */
export type OnnxInput = {
  /** One number per element of the tensor, in row-major order. */
  readonly shape: readonly number[];
  /** What the scrub run reads instead; 0 by default. For ids it must be below `below`. */
  readonly padding?: number;
} & (
  | {
      readonly data: BigInt64Array | Int32Array;
      /** Every number must be at least 0 and below this: for token ids the size of the vocabulary. */
      readonly below: number;
    }
  | { readonly data: Float32Array }
);

/** Where the results go. They are wiped after they were read. */
export interface OnnxOutput {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** How a session runs. */
export interface OnnxSessionOptions {
  /** Threads within one operation; 1 by default. */
  readonly threads?: number;
  /**
   * Whether a second run overwrites what the first left in the memory of the runtime. Off only to show what it is for.
   *
   * @internal
   */
  readonly scrub?: boolean;
}

/** A loaded model. */
export interface OnnxSession {
  /**
   * Runs the model once, calls `read` while the outputs hold the results, then runs it again with padding in arrays of
   * the same shape, which overwrites what the runtime kept of the first run, and wipes inputs and outputs. One at a time.
   *
   * Why twice: releasing a session frees its memory without wiping it, and a second run of the same shape left none of
   * 4,700 sampled intermediate values in memory (measured with onnxruntime-node 1.30.0).
   *
   * @throws EarshotError `INPUT_INVALID` for an id out of range, a shape that does not fit its array, or a run inside a
   *   run; `CLOSED`; `RUNTIME_FAILED`
   */
  run<Result>(
    inputs: Readonly<Record<string, OnnxInput>>,
    outputs: Readonly<Record<string, OnnxOutput>>,
    read: () => Result,
  ): Promise<Result>;
  /** Waits for the run under way, which wipes its arrays, and releases the model. */
  close(): Promise<void>;
}

/** The part of onnxruntime-node that is used. */
export interface NativeRuntime {
  readonly env: { logLevel?: string };
  readonly Tensor: new (type: string, data: OnnxInput["data"], shape: readonly number[]) => object;
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<NativeSession> };
}

interface NativeSession {
  run(feeds: Record<string, object>, fetches: Record<string, object>, options: object): Promise<unknown>;
  release(): Promise<void>;
}

type Arrays = Readonly<Record<string, OnnxInput | OnnxOutput>>;

// 4 is fatal: anything milder is written to standard error and may quote token ids.
const QUIET = { logSeverityLevel: 4 } as const;

/** Makes a session; see `OnnxRuntime.createSession`. */
export async function createOnnxSession(
  native: NativeRuntime,
  model: Uint8Array,
  { threads = 1, scrub = true }: OnnxSessionOptions = {},
): Promise<OnnxSession> {
  if (!Number.isInteger(threads) || threads < 1) throw new EarshotError("INPUT_INVALID", { threads });
  const session = await guarded(() =>
    native.InferenceSession.create(model, {
      executionProviders: ["cpu"],
      executionMode: "sequential",
      graphOptimizationLevel: "basic",
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      ...QUIET,
    }),
  );
  let running: Promise<unknown> | undefined;
  let closed = false;

  const invoke = (inputs: Arrays, outputs: Arrays): Promise<unknown> =>
    guarded(() => session.run(toTensors(native, inputs), toTensors(native, outputs), QUIET));

  async function runAndWipe<Result>(
    inputs: Readonly<Record<string, OnnxInput>>,
    outputs: Readonly<Record<string, OnnxOutput>>,
    read: () => Result,
  ): Promise<Result> {
    try {
      for (const input of Object.values(inputs)) checkInput(input);
      for (const output of Object.values(outputs)) checkShape(output);
      try {
        await invoke(inputs, outputs);
        return read();
      } finally {
        for (const { data, padding = 0 } of Object.values(inputs)) fill(data, padding);
        if (scrub) await invoke(inputs, outputs);
      }
    } finally {
      wipe(inputs, outputs);
    }
  }

  return {
    async run(inputs, outputs, read) {
      if (closed) {
        wipe(inputs, outputs);
        throw new EarshotError("CLOSED");
      }
      // A second run would read or overwrite arrays that the first has not wiped yet.
      if (running !== undefined) throw new EarshotError("INPUT_INVALID", { running: true });
      const result = runAndWipe(inputs, outputs, read);
      running = result.catch(() => {});
      try {
        return await result;
      } finally {
        running = undefined;
      }
    },
    async close() {
      if (closed) return;
      closed = true;
      await running;
      await guarded(() => session.release());
    },
  };
}

/** Errors of the runtime quote token ids: the caught value is not even looked at. */
async function guarded<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch {
    throw new EarshotError("RUNTIME_FAILED");
  }
}

function toTensors(native: NativeRuntime, arrays: Arrays): Record<string, object> {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { data, shape }]) => [name, new native.Tensor(typeOf(data), data, shape)]),
  );
}

function typeOf(data: OnnxInput["data"]): string {
  return data instanceof BigInt64Array ? "int64" : data instanceof Int32Array ? "int32" : "float32";
}

function checkInput(input: OnnxInput): void {
  checkShape(input);
  if (!("below" in input)) return;
  const { data, below, padding = 0 } = input;
  if (!(padding >= 0 && padding < below)) throw new EarshotError("INPUT_INVALID", { padding });
  for (let index = 0; index < data.length; index += 1) {
    const id = data[index];
    // The position says where to look; the id itself would say what was written.
    if (!(id >= 0 && id < below)) throw new EarshotError("INPUT_INVALID", { position: index });
  }
}

function checkShape({ data, shape }: OnnxInput | OnnxOutput): void {
  const elements = shape.reduce((product, size) => product * size, 1);
  if (elements !== data.length || elements === 0) throw new EarshotError("INPUT_INVALID", { elements });
}

function wipe(inputs: Arrays, outputs: Arrays): void {
  for (const { data } of [...Object.values(inputs), ...Object.values(outputs)]) fill(data, 0);
}

function fill(data: OnnxInput["data"], value: number): void {
  if (data instanceof BigInt64Array) data.fill(BigInt(value));
  else data.fill(value);
}
