import { describe, expect, it } from "vitest";
import { createAuditMessages, createNeutralLines, messagePatterns } from "../../src/audit/audit-messages.js";
import { CANARY_SCRIPTS, CANARY_SIZES } from "../../src/audit/canary.js";

const text = (line: Uint8Array): string => Buffer.from(line).toString("utf8");

describe("createAuditMessages", () => {
  it("makes one JSON line per script and size whose text is the canary", () => {
    const messages = createAuditMessages({ format: "json-lines" });
    expect(messages).toHaveLength(CANARY_SCRIPTS.length * CANARY_SIZES.length + CANARY_SCRIPTS.length - 1);
    for (const { canary, line } of messages) {
      expect(JSON.parse(text(line)).text).toBe(canary.text);
      expect(text(line).indexOf("\n")).toBe(text(line).length - 1);
    }
  });

  it("writes one message of every other script in escapes only", () => {
    const messages = createAuditMessages({ format: "json-lines", scripts: ["cyrillic", "emoji"], sizes: [48] });
    const escaped = messages.filter(({ line }) => /^[ -~]*\n$/.test(text(line)));
    expect(escaped.map(({ canary }) => canary.script)).toEqual(["cyrillic", "emoji"]);
  });

  it("makes plain lines", () => {
    const messages = createAuditMessages({ format: "lines", scripts: ["cjk"], sizes: [48, 311] });
    expect(messages.map(({ line }) => text(line))).toEqual(messages.map(({ canary }) => `${canary.text}\n`));
  });
});

describe("messagePatterns", () => {
  it("recognises every JSON message, even of three bytes", () => {
    for (const message of createAuditMessages({ format: "json-lines" })) {
      const line = Buffer.from(message.line);
      const patterns = messagePatterns([message], "json-lines", {});
      expect(patterns.some(({ bytes }) => line.includes(Buffer.from(bytes)))).toBe(true);
    }
  });

  it("recognises nothing in neutral traffic", () => {
    const patterns = messagePatterns(createAuditMessages({ format: "json-lines" }), "json-lines", {});
    const traffic = Buffer.concat([...createNeutralLines(50, "json-lines")]);
    expect(patterns.some(({ bytes }) => traffic.includes(Buffer.from(bytes)))).toBe(false);
  });
});
