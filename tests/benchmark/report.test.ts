import { describe, expect, it } from "vitest";
import { countText, megabytes, timeText } from "../../src/benchmark/format.js";
import { findNoise } from "../../src/benchmark/report.js";
import { renderBenchmarkHtml } from "../../src/benchmark/report-html.js";
import { renderBenchmarkText } from "../../src/benchmark/report-text.js";
import { exampleModel, exampleReport } from "./example-report.js";

describe("findNoise", () => {
  it.each([
    [0.1, 0.05, 0],
    [0.6, 0.05, 1],
    [0.1, 0.25, 1],
    [3, 0.9, 2],
  ])("load %d before, medians apart by %d: %d sentences", (before, spread, sentences) => {
    const noise = findNoise({ before, after: 9 }, [exampleModel("a", 10), exampleModel("b", 10, spread)]);
    expect(noise).toHaveLength(sentences);
    if (spread > 0.2) expect(noise.at(-1)).toContain(`2 of 4 medians`);
  });
});

describe("format", () => {
  it.each([
    [0.5, "0.5 µs"],
    [12.345, "12.3 µs"],
    [99.94, "99.9 µs"],
    [310, "0.31 ms"],
    [24_000, "24 ms"],
    [1_234_567, "1.23 s"],
  ])("writes %d microseconds as %s", (microseconds, expected) => {
    expect(timeText(microseconds)).toBe(expected);
  });

  it("writes counts and sizes", () => {
    expect([countText(12_345), countText(0.1234), megabytes(1_572_864)]).toEqual(["12,300", "0.123", "1.5 MB"]);
  });
});

describe("renderBenchmarkText", () => {
  it("has every part, the machine first", () => {
    const text = renderBenchmarkText(exampleReport());
    expect(text.startsWith("Example <9000>, 2 logical cores")).toBe(true);
    for (const part of [
      "load 0.10 before and 1.20 after",
      "12.3 µs",
      "24 ms",
      "180 ms",
      "80.0 MB",
      "81,000",
      "0.50 (0.45–0.55)",
      "0.31",
      "0.95 (0.93–0.97)",
      "single stream",
    ])
      expect(text).toContain(part);
    expect(text).not.toContain("NOISY");
  });

  it("says first of all that it was noisy", () => {
    const text = renderBenchmarkText({ ...exampleReport(), noise: ["Others were busy."] });
    expect(text.indexOf("NOISY: Others were busy.")).toBeLessThan(text.indexOf("One message at a time"));
  });

  it("leaves out what was not measured", () => {
    const { quality: _, ...report } = exampleReport();
    const text = renderBenchmarkText({ ...report, agreement: [] });
    expect(text).not.toContain("Agreement");
    expect(text).not.toContain("Quality");
  });
});

describe("renderBenchmarkHtml", () => {
  it("is one page with drawings that needs nothing else", () => {
    const page = renderBenchmarkHtml({ ...exampleReport(), noise: ["Others were <busy>."] });
    // Two lengths, throughput, server, and one figure of quality.
    expect(page.match(/<svg /g)).toHaveLength(5);
    expect(page.match(/<figure role="img" aria-label="[^"]+"/g)).toHaveLength(5);
    expect(page).not.toMatch(/<script|<link|src=|href=|url\((?!#)|@import/);
    expect(page).toContain("Example &lt;9000&gt;");
    expect(page).toContain("Others were &lt;busy&gt;.");
    expect(page).not.toMatch(/NaN|undefined/);
  });

  it("does without a drawing of quality when no model that was measured has any", () => {
    const report = exampleReport();
    const page = renderBenchmarkHtml({ ...report, quality: [report.quality?.[1] ?? { model: "x", figures: {} }] });
    expect(page.match(/<svg /g)).toHaveLength(4);
    expect(page).not.toContain("Quality against time");
  });
});
