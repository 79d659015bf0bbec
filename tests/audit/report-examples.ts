import { type AuditLine, type AuditReport, createAuditLine, overallStatus } from "../../src/audit/report.js";

/** A report with one line of every kind and text that must be escaped. */
export function exampleReport(lines: readonly AuditLine[] = EXAMPLE_LINES): AuditReport {
  return {
    schemaVersion: 1,
    startedAt: "2026-11-21T20:00:00.000Z",
    seconds: 12.3,
    surroundings: {
      platform: "linux",
      architecture: "x64",
      kernel: "6.18.0",
      node: "20.19.0",
      command: ["node", "main.js", "<script>alert(1)</script>"],
    },
    subject: { program: "earshot score", version: "0.1.0", pack: "<b>@1", quick: true },
    status: overallStatus(lines),
    lines,
  };
}

const EXAMPLE_LINES: readonly AuditLine[] = [
  createAuditLine("residue", {
    status: "PASS",
    figure: { copies: 0, bytes: 123_456_789 },
    control: { caught: true, figure: { copies: 35 } },
    comparison: { copies: 6 },
  }),
  createAuditLine("output", {
    status: "PASS",
    figure: { leaks: 0 },
    control: { caught: false, figure: { leaks: 0 } },
  }),
  createAuditLine("files", { status: "FAIL", figure: { files: 1 }, evidence: ["/tmp/<b>&\u001b[31m\"x'"] }),
  createAuditLine("swap", { status: "NOT_VERIFIED", figure: { code: "NO_PROC" } }),
];
