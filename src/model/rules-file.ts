import { EarshotError } from "../errors.js";
import { CATEGORIES, SIGNALS, URGENCIES } from "../labels.js";

/** First eight bytes of a rules file: "EARSHOTR". */
export const RULES_MAGIC: Uint8Array = Uint8Array.of(0x45, 0x41, 0x52, 0x53, 0x48, 0x4f, 0x54, 0x52);
/** Changes with the layout or with the hash of words. */
export const RULES_VERSION = 1;
/** Longest stem, in bytes. */
export const LONGEST_STEM = 63;
/** Bits of a hash that index the filter of stems: 8 KiB, which stays in the fastest cache. */
const FILTER_BITS = 16;
const FILTER_MASK = (1 << FILTER_BITS) - 1;
/** Bits of the filter of edges: 128 KiB, for some hundred thousand edges at most. */
const EDGE_FILTER_BITS = 20;
/** Most words of one pattern. */
export const LONGEST_PATTERN = 24;
/** Most gaps (`...`) of one pattern: each multiplies the places that have to be tried by four. */
export const MOST_GAPS = 4;
/** Most stems that may begin the same word, one inside the other (`kil*`, `kill*`, `killi*`). */
export const MOST_NESTED = 8;

/**
 * An acyclic word automaton: the last node is the root, every edge and gap leads to a node with a lower number, and a
 * node says which patterns end there. Suffixes are shared, so that the expansions of one rule cost little.
 */
export interface Automaton {
  /** Edges of node `n` are `[edgeStarts[n], edgeStarts[n + 1])`, by rising symbol. */
  readonly edgeStarts: Uint32Array;
  readonly edgeSymbols: Uint32Array;
  readonly edgeTargets: Uint32Array;
  /** One bit per {@link edgeBit} of an edge: most words after most words are ruled out by it. */
  readonly edgeFilter: Uint8Array;
  /** One more than the node after up to three words of anything; 0 for none. */
  readonly gaps: Uint32Array;
  /** What ends at node `n` is `outputs[outputStarts[n] .. outputStarts[n + 1])`. */
  readonly outputStarts: Uint32Array;
  readonly outputs: Uint32Array;
  /** Per symbol: one more than where its edge from the root leads, 0 for none. Most words stop here. */
  readonly firstTargets: Uint32Array;
}

/** Phrase rules, loaded and checked. They hold hashes of words, no word. */
export interface Rules {
  /** Symbols that are stems; they have the lowest numbers. */
  readonly stemCount: number;
  /** Hash of each symbol: stems first, then whole words. */
  readonly hashes: Int32Array;
  /** One more than the longest stem that begins the symbol, 0 for none. */
  readonly parents: Uint32Array;
  /** Bytes of each stem. */
  readonly stemLengths: Uint8Array;
  /** Bytes of the longest stem; longer prefixes need no look-up. */
  readonly longestStem: number;
  /** 1 at each length that some stem has. */
  readonly lengthsInUse: Uint8Array;
  /** One bit per low {@link FILTER_BITS} bits of the hash of a stem: most prefixes of most words are ruled out by it. */
  readonly stemFilter: Uint8Array;
  /** Open addressing by hash: one more than the symbol, 0 for empty. Its length is a power of two. */
  readonly table: Uint32Array;
  /** Per rule: index into URGENCIES. */
  readonly levels: Uint8Array;
  /** Per rule: bit n stands for the n-th category. */
  readonly categories: Uint32Array;
  /** Per rule: bit n stands for the n-th signal. */
  readonly signals: Uint32Array;
  /** Per rule: one more than the group of contexts that switches it off, 0 for none. */
  readonly unless: Uint32Array;
  /** Per rule: the same for a second group, which all rules of one language share. */
  readonly unlessAll: Uint32Array;
  /** Per rule: one more than the group of contexts of which it needs one, 0 for none. */
  readonly needs: Uint32Array;
  /** Contexts of group `g` are `groupEntries[groupStarts[g] .. groupStarts[g + 1])`, rising. */
  readonly groupStarts: Uint32Array;
  readonly groupEntries: Uint32Array;
  /** Outputs are rules. */
  readonly patterns: Automaton;
  /** Outputs are contexts. */
  readonly contexts: Automaton;
}

/**
 * Reads a rules file and checks every count and id in it, so that matching needs no checks of its own. Layout: magic,
 * then unsigned LEB128 numbers (version, counts, arrays), then the hashes in four bytes each, little-endian; arrays of
 * starts are written as the lengths between them. Throws PACK_INVALID for anything else.
 */
export function loadRules(bytes: Uint8Array): Rules {
  check(RULES_MAGIC.every((byte, index) => bytes[index] === byte));
  let offset = RULES_MAGIC.length;
  const number = (): number => {
    let value = 0;
    for (let place = 1; place <= 2 ** 28; place *= 128) {
      check(offset < bytes.length);
      const byte = bytes[offset++];
      value += (byte & 0x7f) * place;
      if (byte < 0x80) return value;
    }
    throw new EarshotError("PACK_INVALID");
  };
  const numbers = (length: number): Uint32Array => {
    // Checked before the array is made, so that a false count cannot ask for gigabytes.
    check(length <= bytes.length - offset);
    const result = new Uint32Array(length);
    let at = offset;
    for (let index = 0; index < length; index++) {
      let byte = bytes[at++];
      let value = byte & 0x7f;
      // Past the end there is nothing, which ends the number; that it is past the end is seen below.
      for (let shift = 7; byte >= 0x80; shift += 7) {
        check(shift < 32);
        byte = bytes[at++];
        value |= (byte & 0x7f) << shift;
      }
      result[index] = value;
    }
    check(at <= bytes.length);
    offset = at;
    return result;
  };
  const starts = (length: number, total: number): Uint32Array => {
    const lengths = numbers(length);
    const result = new Uint32Array(length + 1);
    for (let index = 0; index < length; index++) {
      check(lengths[index] <= total - result[index]);
      result[index + 1] = result[index] + lengths[index];
    }
    check(result[length] === total);
    return result;
  };
  const automaton = (nodes: number, edges: number, outputs: number): Automaton => ({
    edgeStarts: starts(nodes, edges),
    edgeSymbols: numbers(edges),
    edgeTargets: numbers(edges),
    edgeFilter: new Uint8Array(2 ** (EDGE_FILTER_BITS - 3)),
    gaps: numbers(nodes),
    outputStarts: starts(nodes, outputs),
    outputs: numbers(outputs),
    firstTargets: new Uint32Array(symbolCount),
  });

  check(number() === RULES_VERSION);
  const stemCount = number();
  const symbolCount = stemCount + number();
  const ruleCount = number();
  const contextCount = number();
  const groupCount = number();
  const groupEntryCount = number();
  const patternSizes = [number(), number(), number()] as const;
  const contextSizes = [number(), number(), number()] as const;

  const parents = numbers(symbolCount);
  const stemLengths = numbers(stemCount);
  const levels = numbers(ruleCount);
  const categories = numbers(ruleCount);
  const signals = numbers(ruleCount);
  const unless = numbers(ruleCount);
  const unlessAll = numbers(ruleCount);
  const needs = numbers(ruleCount);
  const groupStarts = starts(groupCount, groupEntryCount);
  const groupEntries = numbers(groupEntryCount);
  const patterns = automaton(...patternSizes);
  const contexts = automaton(...contextSizes);
  check(bytes.length - offset === 4 * symbolCount);
  const hashes = new Int32Array(bytes.slice(offset).buffer);

  checkParents(parents, stemCount);
  check(stemLengths.every((length) => length >= 1 && length <= LONGEST_STEM));
  checkBelow(levels, URGENCIES.length - 1);
  checkBelow(categories, 2 ** CATEGORIES.length);
  checkBelow(signals, 2 ** SIGNALS.length);
  for (const groups of [unless, unlessAll, needs]) checkBelow(groups, groupCount + 1);
  checkBelow(groupEntries, contextCount);
  checkAutomaton(patterns, symbolCount, ruleCount);
  checkAutomaton(contexts, symbolCount, contextCount);

  const lengthsInUse = new Uint8Array(LONGEST_STEM + 1);
  for (const length of stemLengths) lengthsInUse[length] = 1;
  const longestStem = lengthsInUse.lastIndexOf(1);
  const stemFilter = new Uint8Array(2 ** (FILTER_BITS - 3));
  for (const hash of hashes.subarray(0, stemCount)) stemFilter[filterIndex(hash)] |= 1 << (hash & 7);
  const table = createTable(hashes);
  return {
    stemCount,
    hashes,
    parents,
    stemLengths: Uint8Array.from(stemLengths),
    longestStem,
    lengthsInUse,
    stemFilter,
    table,
    levels: Uint8Array.from(levels),
    categories,
    signals,
    unless,
    unlessAll,
    needs,
    groupStarts,
    groupEntries,
    patterns,
    contexts,
  };
}

/** Byte of the filter that holds the bit of a hash; the bit is given by the lowest three bits. */
export function filterIndex(hash: number): number {
  return (hash & FILTER_MASK) >>> 3;
}

/** Number of the bit for a node and a symbol. */
export function edgeBit(node: number, symbol: number): number {
  return Math.imul(Math.imul(node, 0x9e3779b1) ^ symbol, 0x85ebca6b) >>> (32 - EDGE_FILTER_BITS);
}

function check(condition: boolean): void {
  if (!condition) throw new EarshotError("PACK_INVALID");
}

/** A plain loop, as elsewhere here: a pack is read once, before the engine has compiled what is called for every number. */
function checkBelow(numbers: Uint32Array, limit: number): void {
  for (let index = 0; index < numbers.length; index++) {
    if (numbers[index] >= limit) throw new EarshotError("PACK_INVALID");
  }
}

/** A parent is a stem with a lower number, so that following parents ends. */
function checkParents(parents: Uint32Array, stemCount: number): void {
  const depths = new Uint8Array(parents.length);
  for (let symbol = 0; symbol < parents.length; symbol++) {
    const parent = parents[symbol];
    if (parent === 0) continue;
    check(parent <= stemCount && parent <= symbol);
    depths[symbol] = depths[parent - 1] + 1;
    check(depths[symbol] < MOST_NESTED);
  }
}

/** Every id exists, edges are sorted, and no path is longer or has more gaps than a pattern may. Fills `firstTargets` and `edgeFilter`. */
function checkAutomaton(automaton: Automaton, symbolCount: number, outputCount: number): void {
  const { edgeStarts, edgeSymbols, edgeTargets, edgeFilter, gaps, outputStarts, outputs, firstTargets } = automaton;
  const nodeCount = gaps.length;
  check(nodeCount > 0);
  checkBelow(edgeSymbols, symbolCount);
  checkBelow(outputs, outputCount);
  const depths = new Uint8Array(nodeCount);
  const gapDepths = new Uint8Array(nodeCount);
  for (let node = 0; node < nodeCount; node++) {
    const end = edgeStarts[node + 1];
    let depth = 0;
    let gapDepth = 0;
    let lastSymbol = -1;
    for (let edge = edgeStarts[node]; edge < end; edge++) {
      const symbol = edgeSymbols[edge];
      const target = edgeTargets[edge];
      if (symbol <= lastSymbol || target >= node) throw new EarshotError("PACK_INVALID");
      lastSymbol = symbol;
      const bit = edgeBit(node, symbol);
      edgeFilter[bit >>> 3] |= 1 << (bit & 7);
      if (depths[target] >= depth) depth = depths[target] + 1;
      if (gapDepths[target] > gapDepth) gapDepth = gapDepths[target];
    }
    if (gaps[node] > 0) {
      const target = gaps[node] - 1;
      // Two gaps in a row would be one of six words, and no pattern ends with a gap.
      check(target < node && gaps[target] === 0 && outputStarts[target] === outputStarts[target + 1]);
      depth = Math.max(depth, depths[target]);
      gapDepth = Math.max(gapDepth, gapDepths[target] + 1);
    }
    check(depth <= LONGEST_PATTERN && gapDepth <= MOST_GAPS);
    depths[node] = depth;
    gapDepths[node] = gapDepth;
  }
  const root = nodeCount - 1;
  check(gaps[root] === 0 && outputStarts[root] === outputStarts[root + 1]);
  for (let edge = edgeStarts[root]; edge < edgeStarts[root + 1]; edge++) {
    firstTargets[edgeSymbols[edge]] = edgeTargets[edge] + 1;
  }
}

/** Twice as many places as symbols, so that a look-up seldom needs more than two steps. */
function createTable(hashes: Int32Array): Uint32Array {
  const table = new Uint32Array(2 ** Math.ceil(Math.log2(2 * hashes.length + 2)));
  const mask = table.length - 1;
  for (let symbol = 0; symbol < hashes.length; symbol++) {
    let place = hashes[symbol] & mask;
    while (table[place] !== 0) place = (place + 1) & mask;
    table[place] = symbol + 1;
  }
  return table;
}
