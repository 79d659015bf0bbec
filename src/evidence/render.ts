import { escapeHtml, renderPage, renderTable, STYLE } from "../evaluation/html.js";
import { BLANKS, openBlanks } from "./blanks.js";
import type { EvidenceDocument } from "./document.js";
import { type Block, readBlocks } from "./markdown.js";

/** Forms in which documents are written. */
export const EVIDENCE_FORMATS = ["markdown", "html", "json"] as const;
/** A form in which documents are written. */
export type EvidenceFormat = (typeof EVIDENCE_FORMATS)[number];

/** Endings of the files. */
export const FILE_ENDINGS: Readonly<Record<EvidenceFormat, string>> = { markdown: "md", html: "html", json: "json" };

/** A document as the text of a file. */
export function renderDocument(document: EvidenceDocument, format: EvidenceFormat): string {
  if (format === "markdown") return document.markdown;
  return format === "html" ? renderHtml(document) : renderJson(document);
}

function renderJson({ id, title, markdown }: EvidenceDocument): string {
  const sections: { heading: string; markdown: string }[] = [];
  for (const part of markdown.split(/^(?=#{1,2} )/m)) {
    const [heading, ...lines] = part.split("\n");
    sections.push({ heading: heading.replace(/^#+ /, ""), markdown: lines.join("\n").trim() });
  }
  const blanks = openBlanks(markdown).map((name) => ({ name, question: BLANKS[name] }));
  return `${JSON.stringify({ schemaVersion: 1, id, title, sections, blanks }, undefined, 2)}\n`;
}

/** One page that needs nothing else: no script, no font, and no address to load from. */
function renderHtml({ title, markdown }: EvidenceDocument): string {
  return renderPage(
    title,
    readBlocks(markdown).map(renderBlock).join("\n"),
    `${STYLE}
pre { white-space: pre-wrap; font-size: .8em; }
`,
  );
}

function renderBlock(block: Block): string {
  switch (block.kind) {
    case "heading":
      return `<h${block.level}>${inline(block.text)}</h${block.level}>`;
    case "paragraph":
      return `<p>${inline(block.text)}</p>`;
    case "list":
      return `<ul>\n${block.items.map((item) => `<li>${inline(item)}</li>`).join("\n")}\n</ul>`;
    case "table":
      return renderTable(
        block.head.map(plain),
        block.rows.map((row) => row.map(plain)),
      );
    case "verbatim":
      return `<pre>${escapeHtml(block.text)}</pre>`;
  }
}

const INLINE = /\\(?<literal>[\\`*_[\]<>|#])|`(?<code>[^`]*)`|\*\*(?<strong>.+?)\*\*|(?<blank>\[FILL IN [^\]]*\])/g;

function inline(text: string): string {
  let html = "";
  let done = 0;
  for (const match of text.matchAll(INLINE)) {
    const { literal, code, strong, blank } = match.groups as Readonly<Record<string, string | undefined>>;
    html += escapeHtml(text.slice(done, match.index));
    if (literal !== undefined) html += escapeHtml(literal);
    else if (code !== undefined) html += `<code>${escapeHtml(code)}</code>`;
    else if (strong !== undefined) html += `<strong>${inline(strong)}</strong>`;
    else html += `<mark>${escapeHtml(blank ?? "")}</mark>`;
    done = match.index + match[0].length;
  }
  return html + escapeHtml(text.slice(done));
}

/** The words of a table cell without markup. */
function plain(text: string): string {
  return text.replace(INLINE, (...values) => {
    const { literal, code, strong, blank } = values.at(-1) as Readonly<Record<string, string | undefined>>;
    return literal ?? code ?? strong ?? blank ?? "";
  });
}
