/** Text from a file, made safe to stand in our Markdown: it can start no markup, no table cell and no blank. */
export function quoted(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/\p{C}/gu, "?")
    .replace(/[\\`*_[\]<>|#]/g, "\\$&");
}

/** A table. Cells are Markdown already; nothing in them may be a blank, so that a page can show them plainly. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** A list with one line an item. */
export function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}

const FENCE = "````";

/** A text word for word. */
export function verbatim(text: string): string {
  return `${FENCE}text\n${text.trimEnd().replaceAll(FENCE, "'''")}\n${FENCE}`;
}

/** A piece of a document. */
export type Block =
  | { readonly kind: "heading"; readonly level: number; readonly text: string }
  | { readonly kind: "paragraph"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly string[] }
  | { readonly kind: "table"; readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] }
  | { readonly kind: "verbatim"; readonly text: string };

/** Reads the little Markdown that the templates are written in: blocks are separated by empty lines. */
export function readBlocks(markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  const lines = markdown.split("\n");
  for (let at = 0; at < lines.length; ) {
    const isFenced = lines[at].startsWith(FENCE);
    const ends = (line: string): boolean => (isFenced ? line === FENCE : line.trim() === "");
    let end = at + 1;
    while (end < lines.length && !ends(lines[end])) end += 1;
    if (isFenced) blocks.push({ kind: "verbatim", text: lines.slice(at + 1, end).join("\n") });
    else if (lines[at].trim() !== "") blocks.push(readBlock(lines.slice(at, end)));
    at = isFenced || lines[at].trim() !== "" ? end + 1 : at + 1;
  }
  return blocks;
}

function readBlock(lines: readonly string[]): Block {
  const [first] = lines;
  const heading = /^(#+) (.*)$/.exec(first);
  if (heading) return { kind: "heading", level: heading[1].length, text: heading[2] };
  if (first.startsWith("| ")) {
    const [head, , ...rows] = lines.map((line) => line.slice(2, -2).split(" | "));
    return { kind: "table", head, rows };
  }
  const text = lines.map((line) => line.trim()).join(" ");
  if (first.startsWith("- ")) {
    const items = lines.join("\n").split(/^- /m).slice(1);
    return { kind: "list", items: items.map((item) => item.replace(/\s+/g, " ").trim()) };
  }
  return { kind: "paragraph", text };
}
