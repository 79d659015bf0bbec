import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  judgeCoreDump,
  judgeFiles,
  judgeInspector,
  judgeModelRuntime,
  judgeNetwork,
  judgeNodeOptions,
  judgeNodeVersion,
  judgeOutput,
  judgePacks,
  judgeResidue,
  judgeSwap,
  judgeWrites,
} from "../../src/audit/audit-findings.js";
import type { CompletedTrace } from "../../src/audit/egress-trace.js";
import type { ModelRuntime } from "../../src/audit/installed-files.js";
import { type AuditStatus, createAuditLine } from "../../src/audit/report.js";
import type { ResidueMeasurement } from "../../src/audit/residue-check.js";

const CLEAN: ResidueMeasurement = {
  copies: { before: 0, answered: 0, after_5: 0, after_50: 0 },
  forms: [],
  scans: 5,
  patterns: 100,
  bytesScanned: 40_000_000,
  bytesUnreadable: 0,
  scanSeconds: 1,
  messages: 2,
  rejections: 0,
  leaks: 0,
  outputBytes: 100,
  inspectorPorts: 0,
};
const DIRTY: ResidueMeasurement = { ...CLEAN, copies: { ...CLEAN.copies, answered: 35 }, leaks: 3 };
const QUIET: CompletedTrace = {
  available: true,
  sockets: {},
  contacts: [],
  filesWritten: [],
  canaryCalls: 0,
  rings: 0,
  ringsRefused: 0,
  calls: 30,
  seconds: 15,
  stayedAlive: true,
  replies: 2,
};
const LOUD: CompletedTrace = {
  ...QUIET,
  sockets: { AF_INET: 2 },
  contacts: [
    { family: "AF_INET", target: "127.0.0.1 port 9", isLookup: false },
    { family: "AF_INET", target: "127.0.0.1 port 53", isLookup: true },
  ],
  filesWritten: ["/tmp/control"],
  canaryCalls: 1,
};
const ABSENT = { available: false, reason: "NO_TRACER" } as const;

describe("judgeResidue", () => {
  it.each<[string, Partial<ResidueMeasurement>, AuditStatus]>([
    ["a clean process", {}, "PASS"],
    ["a copy after the answer", { copies: { ...CLEAN.copies, answered: 1 } }, "FAIL"],
    ["a copy after five messages", { copies: { ...CLEAN.copies, after_5: 1 } }, "FAIL"],
    ["a copy after fifty messages", { copies: { ...CLEAN.copies, after_50: 1 } }, "FAIL"],
    ["a copy found before the process broke down", { ...DIRTY, failure: "NO_REPLY" }, "FAIL"],
    ["hits before anything was sent", { copies: { before: 1, answered: 1, after_5: 1, after_50: 1 } }, "NOT_VERIFIED"],
    ["unreadable memory", { bytesUnreadable: 4096 }, "NOT_VERIFIED"],
    ["rejected messages", { rejections: 1 }, "NOT_VERIFIED"],
    ["a missing answer", { failure: "NO_REPLY" }, "NOT_VERIFIED"],
    ["no permission", { failure: "NOT_PERMITTED", scans: 0 }, "NOT_VERIFIED"],
    ["no scan", { scans: 0 }, "NOT_VERIFIED"],
  ])("judges %s", (_, measured, expected) => {
    expect(createAuditLine("residue", judgeResidue({ ...CLEAN, ...measured }, DIRTY)).status).toBe(expected);
  });

  it.each<[string, ResidueMeasurement]>([
    ["was clean", CLEAN],
    ["had hits before", { ...DIRTY, copies: { ...DIRTY.copies, before: 2 } }],
  ])("does not pass when the control %s", (_, control) => {
    expect(createAuditLine("residue", judgeResidue(CLEAN, control)).status).toBe("NOT_VERIFIED");
  });
});

describe("judgeOutput", () => {
  it.each<[string, ResidueMeasurement, ResidueMeasurement, AuditStatus]>([
    ["silence", CLEAN, DIRTY, "PASS"],
    ["a leak", { ...CLEAN, leaks: 1 }, DIRTY, "FAIL"],
    ["no answer", { ...CLEAN, failure: "NO_REPLY" }, DIRTY, "NOT_VERIFIED"],
    ["a blind check", CLEAN, CLEAN, "NOT_VERIFIED"],
  ])("judges %s", (_, measured, control, expected) => {
    expect(createAuditLine("output", judgeOutput(measured, control)).status).toBe(expected);
  });
});

describe("judges of a trace", () => {
  const network = (trace: Partial<CompletedTrace>): AuditStatus =>
    createAuditLine("network", judgeNetwork({ ...QUIET, ...trace }, LOUD, 2)).status;

  it.each<[string, Partial<CompletedTrace>, AuditStatus]>([
    ["nothing", {}, "PASS"],
    ["a netlink socket", { sockets: { AF_NETLINK: 1 } }, "PASS"],
    ["a local socket that goes nowhere", { sockets: { AF_UNIX: 1 } }, "PASS"],
    ["a local socket that was connected", { sockets: { AF_UNIX: 1 }, contacts: [LOUD.contacts[0]] }, "FAIL"],
    ["an internet socket", { sockets: { AF_INET6: 1 } }, "FAIL"],
    ["a raw socket", { sockets: { AF_PACKET: 1 } }, "FAIL"],
    ["an early end", { stayedAlive: false }, "NOT_VERIFIED"],
    ["a missing answer", { replies: 1 }, "NOT_VERIFIED"],
    ["a ring that hides calls", { rings: 1 }, "NOT_VERIFIED"],
    ["a ring that was refused", { ringsRefused: 3 }, "PASS"],
  ])("judge %s", (_, trace, expected) => {
    expect(network(trace)).toBe(expected);
  });

  it.each<[string, AuditStatus]>([
    ["network", createAuditLine("network", judgeNetwork(QUIET, QUIET, 2)).status],
    [
      "network without a look-up",
      createAuditLine("network", judgeNetwork(QUIET, { ...LOUD, contacts: [LOUD.contacts[0]] }, 2)).status,
    ],
    ["files", createAuditLine("files", judgeFiles(QUIET, LOUD, 2, "/tmp/other")).status],
    ["writes", createAuditLine("writes", judgeWrites(QUIET, QUIET, 2)).status],
    ["absent control", createAuditLine("files", judgeFiles(QUIET, ABSENT, 2, "/tmp/control")).status],
    ["absent trace", createAuditLine("writes", judgeWrites(ABSENT, ABSENT, 2)).status],
  ])("do not pass with a control that was not caught: %s", (_, status) => {
    expect(status).toBe("NOT_VERIFIED");
  });

  it("judge files and shorten the home folder", () => {
    const path = join(homedir(), ".cache", "x");
    const finding = judgeFiles({ ...QUIET, filesWritten: [path, path] }, LOUD, 2, "/tmp/control");
    expect(createAuditLine("files", finding)).toMatchObject({ status: "FAIL", evidence: ["~/.cache/x"] });
    expect(createAuditLine("files", judgeFiles(QUIET, LOUD, 2, "/tmp/control")).status).toBe("PASS");
  });

  it("judge writes", () => {
    expect(createAuditLine("writes", judgeWrites({ ...QUIET, canaryCalls: 1 }, LOUD, 2)).status).toBe("FAIL");
    expect(createAuditLine("writes", judgeWrites(QUIET, LOUD, 2)).status).toBe("PASS");
  });
});

describe("judges of settings", () => {
  const coreDump = { limitBytes: Number.POSITIVE_INFINITY, filter: 0x33, isPiped: false, holdsMemory: true };
  const runtime = (holdsCollector: boolean): ModelRuntime => ({
    version: "1.27.0",
    binaries: [{ path: "x.node", sha256: "a".repeat(64), holdsCollector }],
  });

  it.each<[string, AuditStatus, AuditStatus]>([
    ["no swap", judgeSwap({ plain: 0, harmless: 1 }).status, "PASS"],
    ["swap on a disk", judgeSwap({ plain: 1, harmless: 0 }).status, "FAIL"],
    ["unknown swap", judgeSwap(undefined).status, "NOT_VERIFIED"],
    ["core dumps", judgeCoreDump({ ...CLEAN, coreDump }).status, "FAIL"],
    ["no core dumps", judgeCoreDump({ ...CLEAN, coreDump: { ...coreDump, holdsMemory: false } }).status, "PASS"],
    ["unknown core dumps", judgeCoreDump(CLEAN).status, "NOT_VERIFIED"],
    ["an open debugger", judgeInspector({ ...CLEAN, inspectorPorts: 1 }, 1).status, "FAIL"],
    ["a closed debugger", createAuditLine("inspector", judgeInspector(CLEAN, 1)).status, "PASS"],
    ["a debugger that never opens", createAuditLine("inspector", judgeInspector(CLEAN, 0)).status, "NOT_VERIFIED"],
    ["a harmless environment", judgeNodeOptions({ variables: [], flags: [] }).status, "PASS"],
    ["a risky variable", judgeNodeOptions({ variables: ["NODE_DEBUG"], flags: [] }).status, "FAIL"],
    ["a risky flag", judgeNodeOptions({ variables: [], flags: ["inspect"] }).status, "FAIL"],
    ["Node.js 20", judgeNodeVersion("20.19.0").status, "PASS"],
    ["Node.js 21", judgeNodeVersion("21.7.0").status, "NOT_VERIFIED"],
    ["no runtime", judgeModelRuntime(undefined, "linux").status, "PASS"],
    ["a silent runtime", judgeModelRuntime(runtime(false), "linux").status, "PASS"],
    ["a silent runtime on Windows", judgeModelRuntime(runtime(false), "win32").status, "NOT_VERIFIED"],
    ["a runtime with a collector", judgeModelRuntime(runtime(true), "linux").status, "FAIL"],
    [
      "a runtime without binaries",
      judgeModelRuntime({ version: "1.27.0", binaries: [] }, "linux").status,
      "NOT_VERIFIED",
    ],
    ["whole packs", judgePacks([{ files: 2, matching: 2 }]).status, "PASS"],
    [
      "a changed file",
      judgePacks([
        { files: 2, matching: 2 },
        { files: 3, matching: 2 },
      ]).status,
      "FAIL",
    ],
    ["a pack without a manifest", judgePacks([{ files: 2, matching: 2 }, undefined]).status, "NOT_VERIFIED"],
    ["a pack that lists nothing", judgePacks([{ files: 0, matching: 0 }]).status, "NOT_VERIFIED"],
  ])("judge %s", (_, status, expected) => {
    expect(status).toBe(expected);
  });
});
