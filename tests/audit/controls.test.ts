import { describe, expect, it } from "vitest";
import { startSession } from "../../src/audit/child-session.js";
import { residueControl } from "../../src/audit/controls.js";
import { createPatternIndex } from "../../src/audit/pattern-index.js";

// What the controls are made for is tested with the checks that must catch them.
describe("residueControl", () => {
  it.each([
    ["json-lines", '{"id":"1","text":"one two"}\n'],
    ["lines", "one two\n"],
  ] as const)("answers %s line by line, so that it is fed like the real command", async (format, line) => {
    const session = await startSession({
      command: residueControl(format),
      index: createPatternIndex([]),
      replyTimeoutMs: 5000,
    });
    expect(await session?.send([Buffer.from(line), Buffer.from(line)])).toBe(true);
    expect(session?.outputBytes()).toBe(2 * '{"words":["one","two"]}\n'.length);
    await session?.close();
  });
});
