import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { EarshotError } from "../errors.js";
import { createOnnxSession, type NativeRuntime, type OnnxSession, type OnnxSessionOptions } from "./onnx-session.js";
import { canBeSilenced, hasTelemetry, RUNTIME, silence } from "./telemetry.js";

export type { OnnxInput, OnnxInputs, OnnxOutput, OnnxSession, OnnxSessionOptions } from "./onnx-session.js";

/** A model runtime that does not talk to anybody. */
export interface OnnxRuntime {
  /** Of onnxruntime-node. */
  readonly version: string;
  /**
   * Makes a session from the bytes of an ONNX model; the bytes may be dropped afterwards.
   *
   * @throws EarshotError `RUNTIME_FAILED` when the runtime does not accept the model
   */
  createSession(model: Uint8Array, options?: OnnxSessionOptions): Promise<OnnxSession>;
}

/** Where the runtime comes from. */
export interface LoadOnnxOptions {
  /** A folder from which `onnxruntime-node` is looked for as Node.js does; by default the one that Earshot came with. */
  readonly folder?: string;
}

/**
 * Loads onnxruntime-node with its telemetry switched off. Call it in the main thread, before anything else loads the
 * runtime: in a worker `process.env` is a copy, and what is set there does not reach the runtime.
 *
 * @throws EarshotError `RUNTIME_MISSING` when it is not installed or not for this system; `RUNTIME_REFUSED` when this
 *   version has telemetry and it is too late to switch it off, or when its version cannot be told
 */
export function loadOnnxRuntime(options: LoadOnnxOptions = {}): OnnxRuntime {
  const place = options.folder === undefined ? import.meta.url : join(resolve(options.folder), "index.js");
  const require = createRequire(place);
  const version = readVersion(require);
  if (hasTelemetry(version) && !canBeSilenced(require)) throw new EarshotError("RUNTIME_REFUSED");
  silence();
  const native = load(require);
  return { version, createSession: (model, sessionOptions) => createOnnxSession(native, model, sessionOptions) };
}

function readVersion(require: NodeJS.Require): string {
  try {
    require.resolve(RUNTIME);
  } catch {
    throw new EarshotError("RUNTIME_MISSING");
  }
  try {
    const { version } = require(`${RUNTIME}/package.json`) as { version: unknown };
    if (typeof version === "string") return version;
  } catch {
    // Without a readable version it is refused below.
  }
  throw new EarshotError("RUNTIME_REFUSED");
}

function load(require: NodeJS.Require): NativeRuntime {
  try {
    const native = require(RUNTIME) as NativeRuntime;
    // Its own log goes to standard error and quotes inputs. Heeded only before the first session of the process.
    native.env.logLevel = "fatal";
    return native;
  } catch {
    throw new EarshotError("RUNTIME_MISSING");
  }
}
