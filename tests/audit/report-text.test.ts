import { describe, expect, it } from "vitest";
import { AUDIT_LIMITS } from "../../src/audit/report.js";
import { renderAuditText } from "../../src/audit/report-text.js";
import { exampleReport } from "./report-examples.js";

describe("renderAuditText", () => {
  const text = renderAuditText(exampleReport());
  const rows = text.split("\n");

  it.each([
    /^PASS {10}After a message is answered/m,
    /^NOT VERIFIED {2}The answers and the log/m,
    /^FAIL {10}The program creates no file/m,
    /residue: copies=0 bytes=123456789/,
    /control caught: copies=35/,
    /for comparison, with strings: copies=6/,
    /control NOT CAUGHT: leaks=0/,
    /^Overall: FAIL$/m,
  ])("shows %s", (expected) => {
    expect(text).toMatch(expected);
  });

  it("fits a terminal", () => {
    for (const row of rows) expect(row.length).toBeLessThanOrEqual(100);
  });

  it("says what is not covered", () => {
    const joined = text.replace(/\s+/g, " ");
    for (const limit of AUDIT_LIMITS) expect(joined).toContain(limit);
  });

  it("does not let a file name steer the terminal", () => {
    expect(text).not.toContain("\u001b");
    expect(text).toContain("/tmp/<b>&?[31m");
  });
});
