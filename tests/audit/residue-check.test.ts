import { describe, expect, it } from "vitest";
import { type AuditMessage, createAuditMessages, messagePatterns } from "../../src/audit/audit-messages.js";
import { residueControl } from "../../src/audit/controls.js";
import { createPatternIndex } from "../../src/audit/pattern-index.js";
import { countScans, measureResidue, type ResidueMeasurement } from "../../src/audit/residue-check.js";
import { createResidueScanner } from "../../src/audit/residue-scan.js";
import { canScan, program, WIPING } from "./child-programs.js";

const MESSAGES = createAuditMessages({ format: "json-lines", scripts: ["cyrillic"], sizes: [3, 311] });
const onLinux = canScan ? "" : " (needs Linux with /proc/<pid>/pagemap)";

function measure(
  command: readonly string[],
  messages: readonly AuditMessage[] = MESSAGES,
  onScan?: () => void,
): Promise<ResidueMeasurement> {
  const patterns = messagePatterns(messages, "json-lines", {});
  return measureResidue({
    command,
    format: "json-lines",
    messages,
    index: createPatternIndex(patterns),
    scanner: createResidueScanner(patterns),
    replyTimeoutMs: 1000,
    settleMs: 20,
    ...(onScan === undefined ? {} : { onScan }),
  });
}

describe(`measureResidue${onLinux}`, () => {
  it.runIf(canScan)("finds nothing in a program that wipes, in every phase", async () => {
    let scans = 0;
    const measured = await measure(WIPING, MESSAGES, () => {
      scans += 1;
    });
    expect(measured).toMatchObject({
      copies: { before: 0, answered: 0, after_5: 0, after_50: 0 },
      scans: countScans(MESSAGES.length),
      bytesUnreadable: 0,
      rejections: 0,
      leaks: 0,
      coreDump: { filter: 0, holdsMemory: false },
      inspectorPorts: 0,
    });
    expect(measured.failure).toBeUndefined();
    expect(scans).toBe(measured.scans);
  });

  it.runIf(canScan).each(["json-lines", "lines"] as const)("catches the control for %s", async (format) => {
    const messages = createAuditMessages({ format, scripts: ["latin"], sizes: [311] });
    const patterns = messagePatterns(messages, format, {});
    const measured = await measureResidue({
      command: residueControl(format),
      format,
      messages,
      index: createPatternIndex(patterns),
      scanner: createResidueScanner(patterns),
      replyTimeoutMs: 5000,
      settleMs: 20,
    });
    expect(measured.copies.before).toBe(0);
    expect(measured.copies.answered).toBeGreaterThan(0);
    expect(measured.leaks).toBeGreaterThan(0);
    expect(measured.forms.length).toBeGreaterThan(0);
  });

  it.runIf(canScan)("counts rejected messages", async () => {
    const rejecting = program(`process.stdin.on("data", (chunk) => {
      for (const byte of chunk) if (byte === 10) process.stdout.write('{"line":1,"error":"TEXT_EMPTY"}\\n');
    });`);
    expect((await measure(rejecting)).rejections).toBeGreaterThanOrEqual(MESSAGES.length);
  });
});

describe("measureResidue", () => {
  it("says that a program does not answer", async () => {
    expect(await measure(program("process.stdin.resume();"))).toMatchObject({ failure: "NO_REPLY", scans: 0 });
  });

  it("says that a program does not start", async () => {
    expect(await measure(["/nonexistent/program"])).toMatchObject({ failure: "NOT_STARTED", scans: 0 });
  });
});
