import { GAP, type SourcePhrase } from "./parse-rules.js";

/** A node of the automaton as it is written: targets have lower numbers, the last node is the root. */
export interface CompactNode {
  readonly edges: readonly (readonly [symbol: number, target: number])[];
  /** What ends here. */
  readonly outputs: readonly number[];
  /** One more than the node after the gap, 0 for none. */
  readonly gap: number;
}

/** A place between two words of one phrase. */
interface Place {
  readonly edges: (readonly [symbol: number, next: Place])[];
  readonly gaps: Place[];
  /** Places that are reached without a word, because a choice was empty. */
  readonly skips: Place[];
  readonly output: number;
  readonly id: number;
}

/** Places that a text may have reached together; after a gap, the gap may still take in more words. */
interface PlaceSet {
  readonly places: readonly Place[];
  readonly afterGap: boolean;
}

/**
 * Merges phrases into one automaton in which each node has at most one edge per symbol and equal suffixes are shared:
 * the subset construction (Rabin and Scott, 1959), without cycles, so that nodes can be merged bottom-up on the way.
 * The choices of a phrase are never multiplied out.
 *
 * @param ids symbol of each word and stem
 */
export function buildAutomaton(
  phrases: readonly SourcePhrase[],
  ids: ReadonlyMap<string, number>,
): readonly CompactNode[] {
  const nodes: CompactNode[] = [];
  const byContent = new Map<string, number>();
  const bySet = new Map<string, number>();
  const compact = (set: PlaceSet): number => {
    const name = `${set.afterGap} ${set.places.map((place) => place.id).join(" ")}`;
    const known = bySet.get(name);
    if (known !== undefined) return known;
    const gapSet = set.afterGap ? undefined : closeAfterGap(set.places.flatMap((place) => place.gaps));
    const gap = gapSet === undefined ? 0 : compact(gapSet) + 1;
    const edges = groupEdges(set.places).map(([symbol, next]) => [symbol, compact(close(next))] as const);
    const outputs = set.afterGap ? [] : listOutputs([...set.places, ...(gapSet?.places ?? [])]);
    const content = JSON.stringify([edges, outputs, gap]);
    const node = byContent.get(content) ?? nodes.push({ edges, outputs, gap }) - 1;
    byContent.set(content, node);
    bySet.set(name, node);
    return node;
  };
  // A gap at the very beginning stands for nothing, so that the root is closed over gaps too.
  const starts = createPlaces(phrases, ids);
  const atStart = close([
    ...starts,
    ...(closeAfterGap(close(starts).places.flatMap((place) => place.gaps))?.places ?? []),
  ]);
  compact({ places: atStart.places, afterGap: true });
  return nodes;
}

/** The first place of each phrase; the others follow from it. */
function createPlaces(phrases: readonly SourcePhrase[], ids: ReadonlyMap<string, number>): Place[] {
  let count = 0;
  const create = (output: number): Place => ({ edges: [], gaps: [], skips: [], output, id: count++ });
  return phrases.map((phrase, output) => {
    let next = create(output);
    for (const choices of phrase.pieces.toReversed()) {
      const start = create(-1);
      for (const words of choices) {
        let place = start;
        words.forEach((word, index) => {
          const target = index === words.length - 1 ? next : create(-1);
          if (word === GAP) place.gaps.push(target);
          else place.edges.push([ids.get(word) as number, target]);
          place = target;
        });
        if (words.length === 0) start.skips.push(next);
      }
      next = start;
    }
    return next;
  });
}

/** Adds the places that are reached without a word, each once, by id. */
function close(places: readonly Place[], afterGap = false): PlaceSet {
  const all = new Set(places);
  for (const place of all) {
    for (const next of place.skips) all.add(next);
    // A gap after a gap is the same gap going on.
    if (afterGap) for (const next of place.gaps) all.add(next);
  }
  return { places: [...all].sort((a, b) => a.id - b.id), afterGap };
}

function closeAfterGap(places: readonly Place[]): PlaceSet | undefined {
  return places.length === 0 ? undefined : close(places, true);
}

function groupEdges(places: readonly Place[]): [symbol: number, next: Place[]][] {
  const groups = new Map<number, Place[]>();
  for (const [symbol, next] of places.flatMap((place) => place.edges)) {
    const group = groups.get(symbol);
    if (group === undefined) groups.set(symbol, [next]);
    else group.push(next);
  }
  return [...groups].sort(([a], [b]) => a - b);
}

function listOutputs(places: readonly Place[]): number[] {
  const outputs = new Set(places.filter((place) => place.output >= 0).map((place) => place.output));
  return [...outputs].sort((a, b) => a - b);
}
