import { describe, expect, it } from "vitest";
import { renderSimulationHtml } from "../../src/simulation/report-html.js";
import { duration, renderSimulationText } from "../../src/simulation/report-text.js";
import { simulate } from "../../src/simulation/simulate.js";
import { perLevel, SMALL } from "./scenarios.js";

const options = { seed: 1, replications: 5 };
const report = simulate({ ...SMALL, name: "a <b> & c", notes: ["an assumption ".repeat(20)] }, options);
const onlySoon = simulate(
  {
    ...SMALL,
    arrivals: {
      startHour: 0,
      hours: 2,
      perHour: new Array(24).fill(7),
      levels: { ...perLevel(() => 0), soon: 1 },
    },
  },
  options,
);

describe("renderSimulationText", () => {
  const text = renderSimulationText(report);

  it("fits a terminal", () => {
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(104);
  });

  it("has a row for each level and order, and one for everybody", () => {
    expect(text.match(/│ (immediate|urgent|soon|routine|everybody) +│ (first come|strict|Earshot) /g)).toHaveLength(15);
  });

  it("leaves out levels of which nobody came", () => {
    expect(renderSimulationText(onlySoon)).not.toMatch(/│ (immediate|urgent|routine) /);
  });

  it("says what it rests on", () => {
    for (const part of ["a <b> & c", "- an assumption", "seed 1", "5 runs", "immediate within 5 min", "72.7%"])
      expect(text).toContain(part);
  });
});

describe("duration", () => {
  it.each([
    [0, "0 s"],
    [0.5, "30 s"],
    [1, "1 min"],
    [4.25, "4.3 min"],
    [119, "119 min"],
    [120, "2 h"],
    [4320, "72 h"],
  ])("says %d minutes as %s", (minutes, expected) => {
    expect(duration(minutes)).toBe(expected);
  });
});

describe("renderSimulationHtml", () => {
  const page = renderSimulationHtml(report);

  it("needs nothing else: no script, and no address but names of SVG", () => {
    expect(page).toMatch(/^<!doctype html>/);
    expect(/<script|@import|\son\w+=|url\((?!#)/i.test(page)).toBe(false);
    expect(
      [...page.matchAll(/https?:\/\/[^"'<\s]+/g)].filter(([url]) => !url.startsWith("http://www.w3.org/")),
    ).toEqual([]);
  });

  it("escapes what the scenario says", () => {
    expect(page).toContain("a &lt;b&gt; &amp; c");
    expect(page).not.toContain("a <b>");
  });

  it("says every plot in words and has its numbers in a table", () => {
    const figures = page.match(/<figure role="img" aria-label="[^"]{40,}"><svg /g);
    expect(figures).toHaveLength(3);
    expect(page.match(/<tr><th scope="row">(immediate|urgent|soon|routine|everybody)/g)).toHaveLength(15);
  });

  it("leaves out the plot of immediate people when there are none", () => {
    expect(renderSimulationHtml(onlySoon).match(/<figure /g)).toHaveLength(2);
  });
});
