import { isMainThread } from "node:worker_threads";

/** The model runtime. */
export const RUNTIME = "onnxruntime-node";
/** Switches telemetry off: docs/Privacy.md of microsoft/onnxruntime. It is read once, when the runtime is loaded. */
const SWITCH = "ORT_DISABLE_TELEMETRY";
const OFF = "1";
/** From 1.29 on the official builds for Linux and macOS send telemetry unless told not to (pull request 27379). */
const FIRST_WITH_TELEMETRY = [1, 29] as const;

/** Whether a version of onnxruntime-node sends telemetry unless told not to; one that is no number counts as such. */
export function hasTelemetry(version: string): boolean {
  const [major, minor] = version.split(".", 2).map((part) => Number.parseInt(part, 10));
  const [firstMajor, firstMinor] = FIRST_WITH_TELEMETRY;
  // Written so that a version which is no number counts as one with telemetry.
  return !(major < firstMajor || (major === firstMajor && minor < firstMinor));
}

/** Whether the switch is set. */
export function isSilenced(): boolean {
  return process.env[SWITCH] === OFF;
}

/** Sets the switch. It reaches only a runtime that is loaded later, from the main thread. */
export function silence(): void {
  process.env[SWITCH] = OFF;
}

/** Whether the switch is set already, or can still be set before any runtime reads it. */
export function canBeSilenced(require: NodeJS.Require): boolean {
  if (isSilenced()) return true;
  // A manifest may be there because it was read for its version.
  const isCode = (path: string): boolean => path.includes(RUNTIME) && !path.endsWith(".json");
  return isMainThread && !Object.keys(require.cache).some(isCode);
}
