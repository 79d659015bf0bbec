import { describe, expect, it } from "vitest";
import { AUDIT_LIMITS } from "../../src/audit/report.js";
import { renderAuditHtml } from "../../src/audit/report-html.js";
import { exampleReport } from "./report-examples.js";

describe("renderAuditHtml", () => {
  const page = renderAuditHtml(exampleReport());

  it.each([
    ["a script", /<script/i],
    ["an event handler", /<[^>]+\son\w+=/i],
    ["an address to load from", /(src|href)=|url\(|@import|https?:/i],
    ["a control character", /[^\P{C}\n]/u],
  ])("has no %s", (_, forbidden) => {
    expect(page).not.toMatch(forbidden);
  });

  it.each([
    "<!doctype html>",
    '<html lang="en">',
    "default-src 'none'",
    "@media print",
    "✓ Kept",
    "✗ Broken",
    "? Not verified",
    "not noticed",
    "given strings instead of bytes: <code>copies=6</code>",
    "/tmp/&lt;b&gt;&amp;",
    "&quot;x&#39;",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    ...AUDIT_LIMITS,
  ])("holds %s", (expected) => {
    expect(page).toContain(expected);
  });

  it("closes what it opens", () => {
    for (const tag of ["html", "head", "body", "table", "tr", "td", "ul", "li", "dl", "p", "div", "style"]) {
      const opened = page.match(new RegExp(`<${tag}[ >]`, "g")) ?? [];
      const closed = page.match(new RegExp(`</${tag}>`, "g")) ?? [];
      expect([tag, opened.length]).toEqual([tag, closed.length]);
    }
  });
});
