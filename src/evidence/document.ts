import { BLANKS, openBlanks } from "./blanks.js";
import type { Facts } from "./facts.js";
import { list } from "./markdown.js";

/** A finished document. */
export interface EvidenceDocument {
  /** Name of its file without the ending. */
  readonly id: string;
  readonly title: string;
  readonly markdown: string;
}

/** Adds what every document has: what it is about, where its figures come from, and what is left to fill in. */
export function createDocument(facts: Facts, id: string, title: string, body: string): EvidenceDocument {
  const { pack, policyName, program, date, directory } = facts;
  const markdown = `# ${title}

Draft of ${date} for Earshot ${program}, pack **${pack}**, policy ${policyName}, directory ${directory.version}. Written by
\`earshot evidence\` from the files listed at the end. It is a draft for the people who answer for the service, and not legal
advice. What only they know is marked FILL IN.

${body.trim()}

## Where the figures come from

${list(facts.sources.map(({ name, madeBy, sha256 }) => `${name}: ${madeBy}${sha256 === undefined ? "" : `, SHA-256 ${sha256}`}`))}

${toFillIn(body)}`;
  return { id, title, markdown };
}

/** The blanks of a text, counted and listed. */
export function toFillIn(body: string): string {
  const blanks = openBlanks(body);
  if (blanks.length === 0)
    return "## To fill in\n\n**0 points for you to fill in.** A person must still read, correct and sign this.\n";
  const points = blanks.length === 1 ? "1 point" : `${blanks.length} points`;
  return `## To fill in

**${points} for you to fill in.** Answers in a JSON file given with \`--organisation\` fill the same blank in every document.

${list(blanks.map((name) => `${name}: ${BLANKS[name]}`))}
`;
}
