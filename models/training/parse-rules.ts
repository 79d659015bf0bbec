import { CATEGORIES, SIGNALS, URGENCIES } from "../../src/labels.js";
import { LONGEST_PATTERN, LONGEST_STEM, MOST_GAPS } from "../../src/model/rules-file.js";
import { createNormalizedText, normalize } from "../../src/text/normalize.js";

/** Normalised words, stems (ending in `*`) and gaps (`...`) in a row. */
export type WordSequence = readonly string[];

/** One line of a rules file, or one phrase of its `unless:` and `needs:` fields. */
export interface SourcePhrase {
  /** As written. */
  readonly text: string;
  /** One after the other: of each, one of the choices, which may be empty. */
  readonly pieces: readonly (readonly WordSequence[])[];
}

/** One rule as its author wrote it. */
export interface SourceRule {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Index into URGENCIES. */
  readonly level: number;
  /** Bit n stands for the n-th category. */
  readonly categories: number;
  /** Bit n stands for the n-th signal. */
  readonly signals: number;
  readonly pattern: SourcePhrase;
  readonly unless: readonly SourcePhrase[];
  /** Those of the whole file. */
  readonly unlessAll: readonly SourcePhrase[];
  readonly needs: readonly SourcePhrase[];
}

/** How a word sequence says `...`. */
export const GAP = "...";

const decoder = new TextDecoder();
const encoder = new TextEncoder();
const normalized = createNormalizedText(4096);

/** Reads a rules file (format: rules/README.md). Throws an Error that names file and line for anything malformed. */
export function parseRules(file: string, source: string): SourceRule[] {
  const rules: SourceRule[] = [];
  const unlessAll: SourcePhrase[] = [];
  const shorthands = new Map<string, string>();
  source.split("\n").forEach((content, index) => {
    if (content.trim() === "" || content.trim().startsWith("#")) return;
    try {
      const definition = /^\s*(\$[A-Z]+)\s*=(.*)$/.exec(content);
      const text = replaceShorthands((definition?.[2] ?? content).trim(), shorthands);
      if (definition !== null) shorthands.set(definition[1], text);
      else if (text.startsWith("unless-all:")) unlessAll.push(...parsePhrases(text.slice("unless-all:".length)));
      else rules.push({ file, line: index + 1, unlessAll, ...parseRule(text) });
    } catch (error) {
      throw new Error(`${file}:${index + 1}: ${(error as Error).message}`);
    }
  });
  return rules;
}

/** Inside brackets a bracketed shorthand loses its own, because its choices join the others. */
function replaceShorthands(text: string, shorthands: ReadonlyMap<string, string>): string {
  return text.replace(/\$[A-Z]+/g, (name, offset: number) => {
    const replacement = shorthands.get(name);
    if (replacement === undefined) throw new Error(`${name} is not defined above this line`);
    const before = text.slice(0, offset);
    const isInside = before.lastIndexOf("(") > before.lastIndexOf(")");
    return isInside ? replacement.replace(/^\((.*)\)$/, "$1") : replacement;
  });
}

function parseRule(text: string): Omit<SourceRule, "file" | "line" | "unlessAll"> {
  const fields = text.split("|").map((field) => field.trim());
  if (fields.length < 4) throw new Error("a rule has at least four fields: level | categories | signals | pattern");
  const [level, categories, signals, pattern, ...contexts] = fields;
  const unless: SourcePhrase[] = [];
  const needs: SourcePhrase[] = [];
  for (const context of contexts) {
    if (context.startsWith("unless:")) unless.push(...parsePhrases(context.slice("unless:".length)));
    else if (context.startsWith("needs:") && needs.length > 0) throw new Error("a rule has at most one needs: field");
    else if (context.startsWith("needs:")) needs.push(...parsePhrases(context.slice("needs:".length)));
    else throw new Error(`the field "${context}" begins with neither "unless:" nor "needs:"`);
  }
  return {
    level: parseId(level, URGENCIES.slice(0, -1)),
    categories: parseIds(categories, CATEGORIES),
    signals: parseIds(signals, SIGNALS),
    pattern: parsePhrase(pattern),
    unless,
    needs,
  };
}

function parseId(id: string, ids: readonly string[]): number {
  const index = ids.indexOf(id);
  if (index < 0) throw new Error(`"${id}" is none of ${ids.join(", ")}`);
  return index;
}

function parseIds(field: string, ids: readonly string[]): number {
  if (field === "-") return 0;
  return field.split(",").reduce((mask, id) => mask | (1 << parseId(id.trim(), ids)), 0);
}

/** Phrases are separated by slashes outside brackets. */
function parsePhrases(field: string): SourcePhrase[] {
  const phrases = field.split(/\/(?![^()]*\))/).map((phrase) => phrase.trim());
  if (phrases.includes("")) throw new Error("an empty phrase");
  return phrases.map(parsePhrase);
}

/** Reads one pattern: words with bracketed choices between them. */
function parsePhrase(pattern: string): SourcePhrase {
  const text = pattern.replace(/\s+/g, " ").trim();
  const parts = text.match(/\([^()]*\)|[^()]+/g) ?? [];
  if (parts.join("") !== text || text === "") throw new Error(`unbalanced or nested brackets, or nothing: "${text}"`);
  // Chinese needs no spaces; elsewhere "(a/b)s" would be read as two words, which nobody means.
  if (/[^\s\p{Script=Han}(]\(|\)[^\s\p{Script=Han})]/u.test(text.replaceAll(")(", ") ("))) {
    throw new Error(`a bracket touches a word: "${text}"`);
  }
  const pieces = parts.map((part) => (part.startsWith("(") ? part.slice(1, -1).split("/") : [part]).map(toWords));
  if (pieces.every((choices) => choices.some((words) => words.every((word) => word === GAP)))) {
    throw new Error(`can be empty: "${text}"`);
  }
  const longest = (count: (words: WordSequence) => number): number =>
    pieces.reduce((sum, choices) => sum + Math.max(...choices.map(count)), 0);
  const gaps = (words: WordSequence): number => words.filter((word) => word === GAP).length;
  if (longest((words) => words.length - gaps(words)) > LONGEST_PATTERN || longest(gaps) > MOST_GAPS) {
    throw new Error(`more than ${LONGEST_PATTERN} words or ${MOST_GAPS} gaps: "${text}"`);
  }
  return { text, pieces };
}

/** Normalises plain text word by word; a star stays at the end of its word. */
function toWords(text: string): string[] {
  return text
    .trim()
    .split(" ")
    .flatMap((word) => {
      if (word === GAP || word === "") return word === "" ? [] : [GAP];
      const isStem = word.endsWith("*");
      const plain = isStem ? word.slice(0, -1) : word;
      if (plain.includes("*") || plain === "") throw new Error(`a star stands only at the end of a word: "${word}"`);
      const words = normalizeWords(plain);
      if (words.length === 0) throw new Error(`nothing is left of "${word}" when it is normalised`);
      if (!isStem) return words;
      const stem = words.pop() as string;
      if (encoder.encode(stem).length > LONGEST_STEM) throw new Error(`"${word}" has more than ${LONGEST_STEM} bytes`);
      return [...words, `${stem}*`];
    });
}

function normalizeWords(word: string): string[] {
  const bytes = encoder.encode(word);
  normalize(bytes, 0, bytes.length, normalized);
  const words: string[] = [];
  for (let index = 0; index < normalized.wordCount; index++) {
    const part = normalized.bytes.subarray(normalized.wordStarts[index], normalized.wordEnds[index]);
    words.push(decoder.decode(part));
  }
  return words;
}
