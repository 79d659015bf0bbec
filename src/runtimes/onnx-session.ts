import { EarshotError } from "../errors.js";

/** Numbers that go into a model. They are wiped after the run, whatever came of it. */
export type OnnxInput = {
  /** One number per element of the tensor, in row-major order. */
  readonly shape: readonly number[];
  /** What the scrub run reads instead; 0 by default. For ids it must be below `below`. */
  readonly padding?: number;
} /** Truth values, 0 or 1. */ & (
  | { readonly data: Uint8Array }
  | {
      readonly data: BigInt64Array | Int32Array;
      /** Every number must be at least 0 and below this: for token ids the size of the vocabulary. */
      readonly below: number;
    }
  | { readonly data: Float32Array }
);

/** All inputs of one run, by name. */
export type OnnxInputs = Readonly<Record<string, OnnxInput>>;

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
   * Runs the model on each of `windows`, inputs of equal shapes, and calls `read` after each while the outputs hold its
   * results. Then it runs once more with padding in arrays of the same shapes, which overwrites what the runtime kept, and
   * wipes inputs and outputs. One call at a time.
   *
   * Why once more: releasing a session frees its memory without wiping it, and a further run of the same shape uses the
   * same memory for the same intermediate values. tests/privacy/activations.test.ts searches for what would be left.
   *
   * @throws EarshotError `INPUT_INVALID` for an id out of range, a shape that does not fit its array, shapes that differ,
   *   no window, or a call inside a call; `CLOSED`; `RUNTIME_FAILED`
   */
  run(windows: readonly OnnxInputs[], outputs: Readonly<Record<string, OnnxOutput>>, read: () => void): Promise<void>;
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
  run(
    feeds: Record<string, object>,
    fetches: Record<string, object>,
    options: object,
  ): Promise<Readonly<Record<string, { readonly data: OnnxInput["data"] }>>>;
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
  const session = await openNative(native, model, threads);
  let running: Promise<unknown> | undefined;
  let closed = false;

  const invoke = async (inputs: Arrays, outputs: Arrays): Promise<void> => {
    const results = await guarded(() => session.run(toTensors(native, inputs), toTensors(native, outputs), QUIET));
    // Beside the arrays that were given for them the runtime makes a copy of the results.
    for (const { data } of Object.values(results)) if (!isOneOf(outputs, data)) fill(data, 0);
  };

  async function runAndWipe(
    windows: readonly OnnxInputs[],
    outputs: Readonly<Record<string, OnnxOutput>>,
    read: () => void,
  ): Promise<void> {
    try {
      const last = checkWindows(windows);
      for (const output of Object.values(outputs)) checkShape(output);
      try {
        for (const inputs of windows) {
          await invoke(inputs, outputs);
          read();
        }
      } finally {
        for (const { data, padding = 0 } of Object.values(last)) fill(data, padding);
        if (scrub) await invoke(last, outputs);
      }
    } finally {
      wipe([...windows, outputs]);
    }
  }

  return {
    async run(windows, outputs, read) {
      if (closed) {
        wipe([...windows, outputs]);
        throw new EarshotError("CLOSED");
      }
      // A second run would read or overwrite arrays that the first has not wiped yet.
      if (running !== undefined) throw new EarshotError("INPUT_INVALID", { running: true });
      const result = runAndWipe(windows, outputs, read);
      running = result.catch(() => {});
      try {
        await result;
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

/** A function by itself, so that nothing that lives as long as the session holds on to the bytes of the model. */
function openNative(native: NativeRuntime, model: Uint8Array, threads: number): Promise<NativeSession> {
  return guarded(() =>
    native.InferenceSession.create(model, {
      executionProviders: ["cpu"],
      executionMode: "sequential",
      // With it a second run of a shape uses other memory than the first, and would not overwrite what that left.
      enableMemPattern: false,
      graphOptimizationLevel: "basic",
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      ...QUIET,
    }),
  );
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

/** The last of the windows, which is overwritten by the scrub run for all of them. */
function checkWindows(windows: readonly OnnxInputs[]): OnnxInputs {
  const last = windows.at(-1);
  if (last === undefined) throw new EarshotError("INPUT_INVALID", { windows: 0 });
  for (const inputs of windows)
    for (const [name, input] of Object.entries(inputs)) {
      checkInput(input);
      if (input.data.length !== last[name]?.data.length) throw new EarshotError("INPUT_INVALID", { shapes: true });
    }
  return last;
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

function isOneOf(arrays: Arrays, data: OnnxInput["data"]): boolean {
  return Object.values(arrays).some((one) => one.data === data);
}

function wipe(tensors: readonly Arrays[]): void {
  for (const arrays of tensors) for (const { data } of Object.values(arrays)) fill(data, 0);
}

function fill(data: OnnxInput["data"], value: number): void {
  if (data instanceof BigInt64Array) data.fill(BigInt(value));
  else data.fill(value);
}
