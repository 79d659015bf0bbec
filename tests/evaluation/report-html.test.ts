import { describe, expect, it } from "vitest";
import { evaluate } from "../../src/evaluation/evaluate.js";
import { escapeHtml, renderFigure } from "../../src/evaluation/html.js";
import { renderEvaluationHtml } from "../../src/evaluation/report-html.js";
import { lineOf } from "./support.js";

const QUICK = { seed: 7, resamples: 20 };
const LINES = Array.from({ length: 400 }, (_, line) =>
  lineOf([(line % 100) / 200, 0.1], line % 100 < 50 ? "routine" : "immediate", line % 100 < 55 ? "soon" : "immediate", {
    language: line < 390 ? "en" : "sw",
    slice: `slice-${line % 2}`,
    categories: line % 3 ? ["suicide"] : ["bullying"],
    signals: ["plan"],
  }),
);
const page = renderEvaluationHtml({ ...(await evaluate(LINES, QUICK)), rejected: 2, pack: "a<b@1", policy: "c&d@2" });

describe("renderEvaluationHtml", () => {
  it.each([
    ["a script", /<script|javascript:/i],
    ["an event handler", /<[^>]+\son\w+=/i],
    ["an address to load from", /(src|href)=|url\((?!#)|@import/i],
    ["an address other than the names of SVG", /https?:(?!\/\/www\.w3\.org\/(2000\/svg|1999\/xlink)")/i],
    ["what only a pointer would use", /:hover|<title>[^<]*<\/title>[\s\S]*<title>|pointer-events|ecmeta/],
    ["a number that is none", /NaN|undefined|Infinity/],
  ])("has no %s", (_, forbidden) => {
    expect(page).not.toMatch(forbidden);
  });

  it.each([
    "<!doctype html>",
    '<html lang="en">',
    "default-src 'none'",
    "@media print",
    "2 lines, which are not among them",
    "a&lt;b@1",
    "c&amp;d@2",
    '<th scope="row">recall of immediate</th><td>0.900</td>',
    '<th scope="row">sw</th><td>10</td><td>too few: under 20</td>',
    '<th scope="row">slice-1</th><td>200</td>',
  ])("holds %s", (expected) => {
    expect(page).toContain(expected);
  });

  it("draws each plot with words beside it, and a table after it", () => {
    const figures = page.match(/<figure role="img" aria-label="[^"]{30,}"><svg aria-hidden="true" /g) ?? [];
    // Confusion, two reliability diagrams, curves, two kinds of labels, three figures for languages and for slices.
    expect(figures).toHaveLength(12);
    expect(page.match(/<svg/g)).toHaveLength(12);
    for (const section of page.split("<h2>").slice(1)) expect(section).toMatch(/<table/);
  });

  it("closes what it opens, and names nothing twice", () => {
    for (const tag of [
      "html",
      "head",
      "body",
      "table",
      "tr",
      "td",
      "th",
      "dl",
      "p",
      "div",
      "style",
      "figure",
      "svg",
      "g",
    ]) {
      const opened = page.match(new RegExp(`<${tag}[ >]`, "g")) ?? [];
      const closed = page.match(new RegExp(`</${tag}>`, "g")) ?? [];
      expect([tag, opened.length]).toEqual([tag, closed.length]);
    }
    const names = [...page.matchAll(/ id="([^"]+)"/g)].map(([, name]) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const [, name] of page.matchAll(/url\(#([^)]+)\)/g)) expect(names).toContain(name);
  });

  it("leaves out what the labels do not give", async () => {
    const assessment = { urgency: "soon", categories: [], signals: [] } as const;
    const small = renderEvaluationHtml(await evaluate([{ categories: ["suicide"], assessment }], QUICK));
    expect(small).not.toMatch(/True and given level|Precision and recall|Signals|Slices|NaN|undefined/);
    expect(small).toMatch(/Categories/);
  });
});

describe("escapeHtml and renderFigure", () => {
  it("lets no text leave its place", () => {
    expect(escapeHtml(`<b a="c" d='e'>&`)).toBe("&lt;b a=&quot;c&quot; d=&#39;e&#39;&gt;&amp;");
    expect(renderFigure('"><script>', "<svg x></svg>")).toBe(
      '<figure role="img" aria-label="&quot;&gt;&lt;script&gt;"><svg aria-hidden="true" x></svg></figure>',
    );
  });
});
