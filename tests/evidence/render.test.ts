import { describe, expect, it } from "vitest";
import { BLANKS, openBlanks } from "../../src/evidence/blanks.js";
import type { EvidenceDocument } from "../../src/evidence/document.js";
import { createEvidence } from "../../src/evidence/evidence.js";
import { renderDocument } from "../../src/evidence/render.js";
import { auditOf, fullInputs, reportFile } from "./support.js";

const DOCUMENTS = createEvidence(fullInputs());

describe("a page", () => {
  it.each(DOCUMENTS)("needs nothing else and has every blank marked: $id", (document) => {
    const page = renderDocument(document, "html");
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">[\s\S]*<\/html>\n$/);
    expect(page).not.toMatch(/<script|<img|<link|(?:src|href)=/);
    for (const name of openBlanks(document.markdown)) expect(page).toContain(`<mark>[FILL IN ${name}: `);
    // No Markdown is left over outside of what is shown word for word.
    expect(page.replace(/<pre>[\s\S]*?<\/pre>/g, "")).not.toMatch(/\*\*|^#|^- |^\|/m);
  });

  it("shows text from files as text", () => {
    const lines = auditOf().lines.map((line) => ({ ...line, evidence: ['/tmp/<script>"x"</script>|&'] }));
    const inputs = fullInputs({
      audit: reportFile("audit.json", { ...auditOf(), lines }),
      card: { name: "MODEL_CARD.md", text: "<script>alert(1)</script>" },
      answers: { controller: "<img src=x> | [FILL IN rights: no blank]" },
    });
    for (const document of createEvidence(inputs)) {
      const page = renderDocument(document, "html");
      expect(page).not.toMatch(/<script|<img/);
      expect(document.markdown.replace(/````[\s\S]*?````/g, "")).not.toMatch(/(?<!\\)<(?:script|img)/);
    }
    const [dpia] = createEvidence(inputs);
    expect(renderDocument(dpia, "html")).toContain("&lt;img src=x&gt; | [FILL IN rights: no blank]");
    expect(renderDocument(dpia, "html")).toContain("/tmp/&lt;script&gt;&quot;x&quot;&lt;/script&gt;|&amp;");
  });
});

describe("JSON", () => {
  it.each(DOCUMENTS)("holds sections and blanks: $id", (document) => {
    const json = JSON.parse(renderDocument(document, "json"));
    expect(json).toMatchObject({ schemaVersion: 1, id: document.id, title: document.title });
    expect(json.sections[0].heading).toBe(document.title);
    expect(json.sections.at(-1).heading).toBe("To fill in");
    expect(json.blanks.map(({ name }: { name: string }) => name)).toEqual(openBlanks(document.markdown));
  });
});

describe("blanks", () => {
  const count = ({ markdown }: EvidenceDocument): number => Number(/\*\*(\d+) points? for you/.exec(markdown)?.[1]);

  it.each(DOCUMENTS)("are counted, each once: $id", (document) => {
    const marks = [...document.markdown.matchAll(/\[FILL IN (\w+): /g)].map(([, name]) => name);
    expect(count(document)).toBe(new Set(marks).size);
    expect(count(document)).toBeGreaterThan(4);
    for (const name of marks) expect(document.markdown).toContain(`\n- ${name}: `);
  });

  it("are all used", () => {
    const bare = createEvidence({ ...fullInputs(), audit: reportFile("audit.json", auditOf({ files: "FAIL" })) });
    const used = new Set(bare.flatMap(({ markdown }) => openBlanks(markdown)));
    expect([...used].sort()).toEqual(Object.keys(BLANKS).sort());
  });

  it("give way to answers, in every document", () => {
    const answers = { peopleRead: "Everybody on duty, within a day.", controller: " " };
    for (const document of createEvidence(fullInputs({ answers }))) {
      expect(document.markdown).toContain("Everybody on duty, within a day.");
      expect(openBlanks(document.markdown)).not.toContain("peopleRead");
      const before = DOCUMENTS.find(({ id }) => id === document.id) as EvidenceDocument;
      expect(count(document)).toBe(count(before) - 1);
    }
  });

  it("leave 0 points when all are answered", () => {
    const answers = Object.fromEntries(Object.keys(BLANKS).map((name) => [name, "Answered."]));
    for (const document of createEvidence(fullInputs({ answers }))) expect(count(document)).toBe(0);
  });
});
