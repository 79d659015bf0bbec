import { EarshotError } from "../errors.js";
import { URGENCIES } from "../labels.js";
import { addByte, EMPTY_HASH } from "../text/hash.js";
import type { NormalizedText } from "../text/normalize.js";
import { type Automaton, edgeBit, filterIndex, type Rules } from "./rules-file.js";
import { finishHash, WHOLE_WORD, WORD_STEM } from "./word-hash.js";

export { loadRules, type Rules } from "./rules-file.js";

/** Most words that `...` stands for. */
const GAP_WORDS = 3;
/** How many words before or after a match a context may begin. */
const CONTEXT_WORDS = 12;

/** What the rules say about one text. */
export interface RuleMatch {
  /** Index into URGENCIES of the gravest rule that matched; `URGENCIES.length` when none did. */
  level: number;
  /** Bit n stands for the n-th category. */
  categories: number;
  /** Bit n stands for the n-th signal. */
  signals: number;
  /** How many different rules matched. */
  matches: number;
  /** First and last word of the gravest match (of equals the one that begins first); -1 when none did. */
  firstWord: number;
  lastWord: number;
}

/** Working memory of {@link matchRules}: numbers only, made once, wiped after each text. */
export interface RuleScratch {
  /** Per word the most specific symbol that it is, or -1. */
  readonly symbols: Int32Array;
  /** Per rule whether it matched already. */
  readonly matched: Uint8Array;
  /** The result, overwritten by the next call. */
  readonly match: RuleMatch;
  wordCount: number;
}

/** Makes working memory for texts of up to `wordCapacity` words. */
export function createRuleScratch(rules: Rules, wordCapacity: number): RuleScratch {
  const symbols = new Int32Array(wordCapacity);
  const matched = new Uint8Array(rules.levels.length);
  const match = { level: URGENCIES.length, categories: 0, signals: 0, matches: 0, firstWord: -1, lastWord: -1 };
  return { symbols, matched, match, wordCount: 0 };
}

/** Forgets the last text. Its result is reset too. */
export function wipeRuleScratch(scratch: RuleScratch): void {
  scratch.symbols.fill(0, 0, scratch.wordCount);
  scratch.matched.fill(0);
  scratch.wordCount = 0;
  resetMatch(scratch.match);
}

/**
 * Looks for every rule in a normalised text. The result is the object in `scratch`, good until the next call or wipe.
 * Time is about linear in the words; nothing is allocated and no string is made. Throws INTERNAL when the text has
 * more words than the scratch can hold: leaving words out could leave out the one that matters.
 */
export function matchRules(rules: Rules, text: NormalizedText, scratch: RuleScratch): RuleMatch {
  const { wordCount } = text;
  if (wordCount > scratch.symbols.length) throw new EarshotError("INTERNAL", { words: wordCount });
  const { symbols, match } = scratch;
  resetMatch(match);
  scratch.wordCount = wordCount;
  for (let word = 0; word < wordCount; word++) {
    symbols[word] = findSymbol(rules, text.bytes, text.wordStarts[word], text.wordEnds[word]);
  }
  for (let word = 0; word < wordCount; word++) begin(rules, scratch, rules.patterns, word, 0);
  symbols.fill(0, 0, wordCount);
  if (match.matches > 0) scratch.matched.fill(0);
  return match;
}

function resetMatch(match: RuleMatch): void {
  match.level = URGENCIES.length;
  match.categories = 0;
  match.signals = 0;
  match.matches = 0;
  match.firstWord = -1;
  match.lastWord = -1;
}

/** The whole word if the rules know it, else the longest stem that begins it, else -1. Parents lead to the other stems. */
function findSymbol(rules: Rules, bytes: Uint8Array, start: number, end: number): number {
  const { longestStem, lengthsInUse, stemFilter } = rules;
  let state = EMPTY_HASH;
  let found = -1;
  for (let index = start; index < end; index++) {
    state = addByte(state, bytes[index]);
    const length = index - start + 1;
    if (length > longestStem || lengthsInUse[length] === 0) continue;
    const hash = finishHash(state, WORD_STEM);
    if (((stemFilter[filterIndex(hash)] >>> (hash & 7)) & 1) === 0) continue;
    const stem = lookUp(rules, hash);
    if (stem >= 0 && stem < rules.stemCount && rules.stemLengths[stem] === length) found = stem;
  }
  const whole = lookUp(rules, finishHash(state, WHOLE_WORD));
  return whole >= rules.stemCount ? whole : found;
}

function lookUp(rules: Rules, hash: number): number {
  const { table, hashes } = rules;
  const mask = table.length - 1;
  for (let place = hash & mask; table[place] !== 0; place = (place + 1) & mask) {
    if (hashes[table[place] - 1] === hash) return table[place] - 1;
  }
  return -1;
}

/** {@link follow} from the root, with the word `first`. */
function begin(rules: Rules, scratch: RuleScratch, automaton: Automaton, first: number, group: number): boolean {
  for (let symbol = scratch.symbols[first]; symbol >= 0; symbol = rules.parents[symbol] - 1) {
    const target = automaton.firstTargets[symbol] - 1;
    if (target >= 0 && follow(rules, scratch, automaton, target, first, first + 1, group)) return true;
  }
  return false;
}

/**
 * Follows every path from `node` with the words from `at` on. With `group` 0 it notes the rules that end on the way;
 * otherwise it looks for a context of that group and returns true at the first.
 */
function follow(
  rules: Rules,
  scratch: RuleScratch,
  automaton: Automaton,
  node: number,
  first: number,
  at: number,
  group: number,
): boolean {
  const { outputStarts, outputs, gaps, edgeTargets } = automaton;
  for (let index = outputStarts[node]; index < outputStarts[node + 1]; index++) {
    if (group === 0) noteRule(rules, scratch, outputs[index], first, at - 1);
    else if (isInGroup(rules, group - 1, outputs[index])) return true;
  }
  if (gaps[node] !== 0) {
    const target = gaps[node] - 1;
    for (let skipped = 0; skipped <= GAP_WORDS; skipped++) {
      if (follow(rules, scratch, automaton, target, first, at + skipped, group)) return true;
    }
  }
  if (at >= scratch.wordCount) return false;
  for (let symbol = scratch.symbols[at]; symbol >= 0; symbol = rules.parents[symbol] - 1) {
    const edge = findEdge(automaton, node, symbol);
    if (edge >= 0 && follow(rules, scratch, automaton, edgeTargets[edge], first, at + 1, group)) return true;
  }
  return false;
}

/** Binary search among the edges of a node; -1 when none has the symbol. */
function findEdge(automaton: Automaton, node: number, symbol: number): number {
  const { edgeStarts, edgeSymbols, edgeFilter } = automaton;
  const bit = edgeBit(node, symbol);
  if (((edgeFilter[bit >>> 3] >>> (bit & 7)) & 1) === 0) return -1;
  let low = edgeStarts[node];
  let high = edgeStarts[node + 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (edgeSymbols[middle] < symbol) low = middle + 1;
    else high = middle;
  }
  return low < edgeStarts[node + 1] && edgeSymbols[low] === symbol ? low : -1;
}

function isInGroup(rules: Rules, group: number, context: number): boolean {
  const { groupStarts, groupEntries } = rules;
  for (let index = groupStarts[group]; index < groupStarts[group + 1]; index++) {
    if (groupEntries[index] === context) return true;
  }
  return false;
}

function noteRule(rules: Rules, scratch: RuleScratch, rule: number, first: number, last: number): void {
  const { matched, match } = scratch;
  if (matched[rule] !== 0) return;
  if (rules.needs[rule] !== 0 && !isNear(rules, scratch, rules.needs[rule], first, last)) return;
  if (rules.unless[rule] !== 0 && isNear(rules, scratch, rules.unless[rule], first, last)) return;
  if (rules.unlessAll[rule] !== 0 && isNear(rules, scratch, rules.unlessAll[rule], first, last)) return;
  matched[rule] = 1;
  match.matches++;
  match.categories |= rules.categories[rule];
  match.signals |= rules.signals[rule];
  if (rules.levels[rule] >= match.level) return;
  match.level = rules.levels[rule];
  match.firstWord = first;
  match.lastWord = last;
}

/** Whether a context of the group (counted from 1) begins within CONTEXT_WORDS of the match. It may overlap the match. */
function isNear(rules: Rules, scratch: RuleScratch, group: number, first: number, last: number): boolean {
  const end = Math.min(scratch.wordCount - 1, last + CONTEXT_WORDS);
  for (let word = Math.max(0, first - CONTEXT_WORDS); word <= end; word++) {
    if (begin(rules, scratch, rules.contexts, word, group)) return true;
  }
  return false;
}
