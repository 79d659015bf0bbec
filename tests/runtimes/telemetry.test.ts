import { describe, expect, it } from "vitest";
import { hasTelemetry } from "../../src/runtimes/telemetry.js";

describe("hasTelemetry", () => {
  it.each([
    ["1.14.0", false],
    ["1.28.9", false],
    ["1.29.0", true],
    ["1.30.0-dev.20261001", true],
    ["1.100.0", true],
    ["0.99.0", false],
    ["2.0.0", true],
    // What cannot be told is taken for the worse.
    ["", true],
    ["1", true],
    ["x.y", true],
  ])("of version '%s': %s", (version, expected) => {
    expect(hasTelemetry(version)).toBe(expected);
  });
});
