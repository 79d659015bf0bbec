import { MOST_NESTED, RULES_MAGIC, RULES_VERSION } from "../../src/model/rules-file.js";
import { hashWord, WHOLE_WORD, WORD_STEM } from "../../src/model/word-hash.js";
import { GAP, type SourcePhrase, type SourceRule, type WordSequence } from "./parse-rules.js";

const encoder = new TextEncoder();

/**
 * Writes rules, in any number of languages, as one rules file (read by `loadRules`). The same rules give the same
 * bytes. Identical rules are kept once. Throws an Error when two words have one hash: one of them must be reworded.
 */
export function encodeRules(rules: readonly SourceRule[]): Uint8Array {
  const unique = [...new Map(rules.map((rule) => [describe(rule), rule])).values()];
  const groups = createIndex();
  const contexts = new Map<string, SourcePhrase>();
  const group = (phrases: readonly SourcePhrase[]): number => {
    if (phrases.length === 0) return 0;
    for (const phrase of phrases) contexts.set(phrase.text, phrase);
    return 1 + groups.add(listTexts(phrases));
  };
  const unless = unique.map((rule) => group(rule.unless));
  const needs = unique.map((rule) => group(rule.needs));
  const contextIds = new Map([...contexts.keys()].map((text, id) => [text, id]));
  const groupLists = groups.keys().map((key) => key.split("\n").map((text) => contextIds.get(text) as number));

  const symbols = collectSymbols([...unique.map((rule) => rule.pattern), ...contexts.values()]);
  const patterns = buildAutomaton(
    unique.map((rule) => rule.pattern),
    symbols.ids,
  );
  const contextAutomaton = buildAutomaton([...contexts.values()], symbols.ids);
  const numbers = [
    RULES_VERSION,
    symbols.stemLengths.length,
    symbols.hashes.length - symbols.stemLengths.length,
    unique.length,
    contexts.size,
    groupLists.length,
    groupLists.flat().length,
    ...automatonSizes(patterns),
    ...automatonSizes(contextAutomaton),
    ...symbols.hashes,
    ...symbols.parents,
    ...unique.map((rule) => rule.categories),
    ...unique.map((rule) => rule.signals),
    ...unless,
    ...needs,
    ...startsOf(groupLists),
    ...groupLists.flatMap((list) => list.toSorted((a, b) => a - b)),
  ];
  for (const automaton of [patterns, contextAutomaton])
    for (const number of automatonNumbers(automaton)) numbers.push(number);
  return writeFile(numbers, [...symbols.stemLengths, ...unique.map((rule) => rule.level)]);
}

function describe(rule: SourceRule): string {
  const { level, categories, signals, pattern, unless, needs } = rule;
  return JSON.stringify([level, categories, signals, pattern.text, listTexts(unless), listTexts(needs)]);
}

function listTexts(phrases: readonly SourcePhrase[]): string {
  return [...new Set(phrases.map((phrase) => phrase.text))].sort().join("\n");
}

function createIndex(): { add: (key: string) => number; keys: () => string[] } {
  const ids = new Map<string, number>();
  return {
    add: (key) => {
      if (!ids.has(key)) ids.set(key, ids.size);
      return ids.get(key) as number;
    },
    keys: () => [...ids.keys()],
  };
}

function writeFile(numbers: readonly number[], octets: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(RULES_MAGIC.length + 4 * numbers.length + octets.length);
  const view = new DataView(bytes.buffer);
  bytes.set(RULES_MAGIC);
  numbers.forEach((number, index) => {
    view.setUint32(RULES_MAGIC.length + 4 * index, number >>> 0, true);
  });
  bytes.set(octets, RULES_MAGIC.length + 4 * numbers.length);
  return bytes;
}

interface Symbols {
  /** Word or stem (with its star) to symbol. */
  readonly ids: ReadonlyMap<string, number>;
  readonly hashes: readonly number[];
  readonly parents: readonly number[];
  readonly stemLengths: readonly number[];
}

/** Numbers every word: stems first and shorter before longer, so that the stems inside a word have lower numbers. */
function collectSymbols(phrases: readonly SourcePhrase[]): Symbols {
  const all = new Set(phrases.flatMap((phrase) => phrase.sequences.flat()));
  all.delete(GAP);
  const byLength = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : 1);
  const stems = [...all].filter((word) => word.endsWith("*")).sort(byLength);
  const ordered = [...stems, ...[...all].filter((word) => !word.endsWith("*")).sort(byLength)];
  const ids = new Map(ordered.map((word, id) => [word, id]));
  const hashes = ordered.map((word) => {
    const bytes = encoder.encode(word.replace("*", ""));
    return hashWord(bytes, 0, bytes.length, word.endsWith("*") ? WORD_STEM : WHOLE_WORD);
  });
  if (new Set(hashes).size !== hashes.length) throw new Error("two words have the same hash");
  const parents = ordered.map((word) => {
    const inside: number[] = [];
    for (let end = 1; end <= word.replace("*", "").length; end++) {
      const stem = ids.get(`${word.slice(0, end)}*`);
      if (stem !== undefined && stem !== ids.get(word)) inside.push(stem);
    }
    if (inside.length >= MOST_NESTED) throw new Error(`${MOST_NESTED} or more stems begin "${word}"`);
    return 1 + (inside.at(-1) ?? -1);
  });
  return { ids, hashes, parents, stemLengths: stems.map((stem) => encoder.encode(stem).length - 1) };
}

interface TreeNode {
  readonly edges: Map<number, TreeNode>;
  readonly outputs: Set<number>;
  gap?: TreeNode;
}

interface CompactNode {
  readonly edges: readonly (readonly [symbol: number, target: number])[];
  readonly outputs: readonly number[];
  /** One more than the node after the gap, 0 for none. */
  readonly gap: number;
}

/** Puts all sequences into a tree and merges equal subtrees, leaves first. */
function buildAutomaton(phrases: readonly SourcePhrase[], ids: ReadonlyMap<string, number>): readonly CompactNode[] {
  const root: TreeNode = { edges: new Map(), outputs: new Set() };
  phrases.forEach((phrase, output) => {
    for (const sequence of phrase.sequences) insert(root, sequence, ids).outputs.add(output);
  });
  const known = new Map<string, number>();
  const nodes: CompactNode[] = [];
  const compact = (node: TreeNode): number => {
    const sorted = [...node.edges].sort(([a], [b]) => a - b);
    const gap = node.gap === undefined ? 0 : compact(node.gap) + 1;
    const edges = sorted.map(([symbol, target]) => [symbol, compact(target)] as const);
    const outputs = [...node.outputs].sort((a, b) => a - b);
    const key = JSON.stringify([edges, outputs, gap]);
    const found = known.get(key);
    if (found !== undefined) return found;
    known.set(key, nodes.length);
    return nodes.push({ edges, outputs, gap }) - 1;
  };
  compact(root);
  return nodes;
}

function insert(root: TreeNode, sequence: WordSequence, ids: ReadonlyMap<string, number>): TreeNode {
  let node = root;
  for (const word of sequence) {
    const next: TreeNode = { edges: new Map(), outputs: new Set() };
    if (word === GAP) {
      node.gap ??= next;
      node = node.gap;
    } else {
      const symbol = ids.get(word) as number;
      if (!node.edges.has(symbol)) node.edges.set(symbol, next);
      node = node.edges.get(symbol) as TreeNode;
    }
  }
  return node;
}

function automatonSizes(nodes: readonly CompactNode[]): number[] {
  const edges = nodes.reduce((sum, node) => sum + node.edges.length, 0);
  const outputs = nodes.reduce((sum, node) => sum + node.outputs.length, 0);
  return [nodes.length, edges, outputs];
}

function automatonNumbers(nodes: readonly CompactNode[]): number[] {
  return [
    ...startsOf(nodes.map((node) => node.edges)),
    ...nodes.flatMap((node) => node.edges.map(([symbol]) => symbol)),
    ...nodes.flatMap((node) => node.edges.map(([, target]) => target)),
    ...nodes.map((node) => node.gap),
    ...startsOf(nodes.map((node) => node.outputs)),
    ...nodes.flatMap((node) => node.outputs),
  ];
}

/** Where each list begins when all are written one after the other, and where the last ends. */
function startsOf(lists: readonly (readonly unknown[])[]): number[] {
  const starts = [0];
  for (const list of lists) starts.push((starts.at(-1) as number) + list.length);
  return starts;
}
