import { createRequire, Module } from "node:module";
import { afterEach, describe, expect, it } from "vitest";
import { silenceWorkers } from "../../src/runtimes/before-workers.js";

const { cache } = createRequire(import.meta.url);
const LOADED = "/elsewhere/node_modules/onnxruntime-node/dist/index.js";
const before = process.env.ORT_DISABLE_TELEMETRY;

afterEach(() => {
  delete cache[LOADED];
  if (before === undefined) delete process.env.ORT_DISABLE_TELEMETRY;
  else process.env.ORT_DISABLE_TELEMETRY = before;
});

describe("silenceWorkers", () => {
  it.each([
    ["sets the switch", undefined, false, "1"],
    ["leaves it set", "1", true, "1"],
    ["sets nothing when a runtime has read it already", undefined, true, undefined],
  ])("%s", (_, set, isLoaded, expected) => {
    if (set === undefined) delete process.env.ORT_DISABLE_TELEMETRY;
    else process.env.ORT_DISABLE_TELEMETRY = set;
    if (isLoaded) cache[LOADED] = new Module(LOADED);
    silenceWorkers();
    expect(process.env.ORT_DISABLE_TELEMETRY).toBe(expected);
  });
});
