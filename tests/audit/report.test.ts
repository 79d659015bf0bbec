import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  AUDIT_PROMISES,
  type AuditFigure,
  type AuditLine,
  type AuditStatus,
  createAuditLine,
  formatFigure,
  overallStatus,
  renderAuditJson,
} from "../../src/audit/report.js";
import { exampleReport } from "./report-examples.js";

const STATUSES: readonly AuditStatus[] = ["PASS", "FAIL", "NOT_VERIFIED"];

describe("createAuditLine", () => {
  it.each<[AuditStatus, boolean | undefined, AuditStatus]>([
    ["PASS", undefined, "PASS"],
    ["PASS", true, "PASS"],
    ["PASS", false, "NOT_VERIFIED"],
    ["FAIL", true, "FAIL"],
    ["FAIL", false, "FAIL"],
    ["NOT_VERIFIED", true, "NOT_VERIFIED"],
    ["NOT_VERIFIED", false, "NOT_VERIFIED"],
  ])("turns %s with a control caught: %s into %s", (status, caught, expected) => {
    const control = caught === undefined ? {} : { control: { caught, figure: { copies: 1 } } };
    const line = createAuditLine("residue", { status, figure: { copies: 0 }, ...control });
    expect(line.status).toBe(expected);
    expect(line.promise).toBe(AUDIT_PROMISES.residue);
  });

  it("keeps a limited amount of evidence", () => {
    const evidence = Array.from({ length: 500 }, (_, index) => `/tmp/${index}`);
    expect(createAuditLine("files", { status: "FAIL", figure: {}, evidence }).evidence).toHaveLength(20);
    expect(createAuditLine("files", { status: "PASS", figure: {}, evidence: [] })).not.toHaveProperty("evidence");
  });
});

describe("formatFigure", () => {
  it.each<[AuditFigure, string]>([
    [{}, ""],
    [{ copies: 0, bytes: 12 }, "copies=0 bytes=12"],
    [{ seconds: 1.26, piped: false, code: "NO_PROC" }, "seconds=1.3 piped=false code=NO_PROC"],
    [{ limit: Number.POSITIVE_INFINITY, version: "1.27.0" }, "limit=Infinity version=1.27.0"],
  ])("formats %j", (figure, expected) => {
    expect(formatFigure(figure)).toBe(expected);
  });

  it.each(["", "two words", 'quote"', "é", "x".repeat(101)])("refuses the text %j", (value) => {
    expect(() => formatFigure({ value })).toThrow(expect.objectContaining({ code: "INTERNAL" }));
  });
});

describe("overallStatus", () => {
  it("is the worst of all", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...STATUSES)), (statuses) => {
        const lines = statuses.map((status): AuditLine => createAuditLine("swap", { status, figure: {} }));
        const hasFailed = statuses.includes("FAIL");
        const isOpen = statuses.length === 0 || statuses.includes("NOT_VERIFIED");
        expect(overallStatus(lines)).toBe(hasFailed ? "FAIL" : isOpen ? "NOT_VERIFIED" : "PASS");
      }),
    );
  });
});

describe("renderAuditJson", () => {
  it("holds the whole report", () => {
    const report = exampleReport();
    expect(JSON.parse(renderAuditJson(report))).toEqual(report);
    expect(renderAuditJson(report).endsWith("}\n")).toBe(true);
  });
});
