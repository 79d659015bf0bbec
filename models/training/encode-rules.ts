import { MOST_NESTED, RULES_MAGIC, RULES_VERSION } from "../../src/model/rules-file.js";
import { hashWord, WHOLE_WORD, WORD_STEM } from "../../src/model/word-hash.js";
import { GAP, type SourcePhrase, type SourceRule } from "./parse-rules.js";
import { buildAutomaton, type CompactNode } from "./rule-automaton.js";

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
  const unlessAll = unique.map((rule) => group(rule.unlessAll));
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
    ...symbols.parents,
    ...symbols.stemLengths,
    ...unique.map((rule) => rule.level),
    ...unique.map((rule) => rule.categories),
    ...unique.map((rule) => rule.signals),
    ...unless,
    ...unlessAll,
    ...needs,
    ...groupLists.map((list) => list.length),
    ...groupLists.flat(),
    ...automatonNumbers(patterns),
    ...automatonNumbers(contextAutomaton),
  ];
  return Uint8Array.from([...RULES_MAGIC, ...numbers.flatMap(toLeb128), ...symbols.hashes.flatMap(toFourBytes)]);
}

/** Seven bits a byte, lowest first; the high bit says that more follow. */
function toLeb128(number: number): number[] {
  return number < 0x80 ? [number] : [(number & 0x7f) | 0x80, ...toLeb128(number >>> 7)];
}

function toFourBytes(number: number): number[] {
  return [number & 0xff, (number >>> 8) & 0xff, (number >>> 16) & 0xff, number >>> 24];
}

function describe(rule: SourceRule): string {
  const { level, categories, signals, pattern, unless, unlessAll, needs } = rule;
  const contexts = [unless, unlessAll, needs].map(listTexts);
  return JSON.stringify([level, categories, signals, pattern.text, contexts]);
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

interface Symbols {
  /** Word or stem (with its star) to symbol. */
  readonly ids: ReadonlyMap<string, number>;
  readonly hashes: readonly number[];
  readonly parents: readonly number[];
  readonly stemLengths: readonly number[];
}

/** Numbers every word: stems first and shorter before longer, so that the stems inside a word have lower numbers. */
function collectSymbols(phrases: readonly SourcePhrase[]): Symbols {
  const all = new Set(phrases.flatMap((phrase) => phrase.pieces.flat(2)));
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

function automatonSizes(nodes: readonly CompactNode[]): number[] {
  const edges = nodes.reduce((sum, node) => sum + node.edges.length, 0);
  const outputs = nodes.reduce((sum, node) => sum + node.outputs.length, 0);
  return [nodes.length, edges, outputs];
}

function automatonNumbers(nodes: readonly CompactNode[]): number[] {
  return [
    ...nodes.map((node) => node.edges.length),
    ...nodes.flatMap((node) => node.edges.map(([symbol]) => symbol)),
    ...nodes.flatMap((node) => node.edges.map(([, target]) => target)),
    ...nodes.map((node) => node.gap),
    ...nodes.map((node) => node.outputs.length),
    ...nodes.flatMap((node) => node.outputs),
  ];
}
