import { createRequire } from "node:module";
import { canBeSilenced, silence } from "./telemetry.js";

/**
 * Switches the telemetry of a model runtime off for workers that are started later, which cannot do it themselves: call
 * it in the main thread. Where it is too late nothing is set, so that `loadOnnxRuntime` refuses in the worker.
 */
export function silenceWorkers(): void {
  if (canBeSilenced(createRequire(import.meta.url))) silence();
}
