import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { isMainThread } from "node:worker_threads";
import { EarshotError } from "../errors.js";
import { createOnnxSession, type NativeRuntime, type OnnxSession, type OnnxSessionOptions } from "./onnx-session.js";

export type { OnnxInput, OnnxOutput, OnnxSession, OnnxSessionOptions } from "./onnx-session.js";

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

const RUNTIME = "onnxruntime-node";
/** Switches telemetry off: docs/Privacy.md of microsoft/onnxruntime. It is read once, when the runtime is loaded. */
const SWITCH = "ORT_DISABLE_TELEMETRY";
const OFF = "1";
/** From 1.29 on the official builds for Linux and macOS send telemetry unless told not to (pull request 27379). */
const FIRST_WITH_TELEMETRY = [1, 29] as const;

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
  process.env[SWITCH] = OFF;
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

function hasTelemetry(version: string): boolean {
  const [major, minor] = version.split(".", 2).map(Number);
  const [firstMajor, firstMinor] = FIRST_WITH_TELEMETRY;
  // Written so that a version which is no number counts as one with telemetry.
  return !(major < firstMajor || (major === firstMajor && minor < firstMinor));
}

/** Whether the switch is set already, or can still be set before the runtime reads it. */
function canBeSilenced(require: NodeJS.Require): boolean {
  if (process.env[SWITCH] === OFF) return true;
  // Its manifest is there because this module has read it.
  const isCode = (path: string): boolean => path.includes(RUNTIME) && !path.endsWith(".json");
  return isMainThread && !Object.keys(require.cache).some(isCode);
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
