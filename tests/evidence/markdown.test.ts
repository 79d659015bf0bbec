import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openBlanks } from "../../src/evidence/blanks.js";
import { list, quoted, readBlocks, table, verbatim } from "../../src/evidence/markdown.js";

describe("readBlocks", () => {
  it.each([
    ["a heading", "## Two words", { kind: "heading", level: 2, text: "Two words" }],
    ["a paragraph over two lines", "one\n  two", { kind: "paragraph", text: "one two" }],
    ["a list whose items go on", "- one\n  more\n- two\nlazy", { kind: "list", items: ["one more", "two lazy"] }],
    ["a table", table(["a", "b"], [["1", "2"]]), { kind: "table", head: ["a", "b"], rows: [["1", "2"]] }],
    [
      "a text word for word",
      verbatim("# no heading\n\n- no list\n"),
      { kind: "verbatim", text: "# no heading\n\n- no list" },
    ],
    ["a text that holds a fence", verbatim("a\n````\nb"), { kind: "verbatim", text: "a\n'''\nb" }],
  ])("reads %s", (_, markdown, block) => {
    expect(readBlocks(markdown)).toEqual([block]);
    expect(readBlocks(`before\n\n${markdown}\n\nafter`)).toEqual([
      { kind: "paragraph", text: "before" },
      block,
      { kind: "paragraph", text: "after" },
    ]);
  });
});

describe("quoted", () => {
  it.each([
    ["a | b", "a \\| b"],
    ["<b>", "\\<b\\>"],
    ["two\nlines", "two lines"],
    ["bell\u0007", "bell?"],
    ["0.953, n=39", "0.953, n=39"],
  ])("makes %j safe", (text, expected) => expect(quoted(text)).toBe(expected));

  it("starts no blank, no cell and no markup, whatever the text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constant("[FILL IN controller: x] | **y** `z`")), (text) => {
        const safe = quoted(text);
        expect(openBlanks(safe)).toEqual([]);
        expect(safe.replace(/\\./g, "")).not.toMatch(/[`*_[\]<>|#\n]/);
        const [block] = readBlocks(table(["head"], [[`.${safe}`]]));
        expect(block).toMatchObject({ kind: "table", rows: [[`.${safe}`]] });
      }),
    );
  });
});

describe("list", () => {
  it("has one line an item", () => expect(list(["a", "b"])).toBe("- a\n- b"));
});
