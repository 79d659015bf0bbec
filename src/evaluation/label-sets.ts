import type { Column } from "./ranking.js";

/** What was found of one label. */
export interface LabelCounts {
  /** Labelled and given. */
  readonly found: number;
  /** Given, but not labelled. */
  readonly added: number;
  /** Labelled, but not given. */
  readonly missed: number;
}

/**
 * Counts, label by label, what was labelled and what was given.
 *
 * @param labels how many labels there are, at most 31
 * @param truth per line a set of labels: bit `i` stands for label `i`
 * @param given the same for what was given
 * @param counts how often each line counts
 */
export function countLabels(labels: number, truth: Column, given: Column, counts: Column): readonly LabelCounts[] {
  const found = new Float64Array(labels);
  const added = new Float64Array(labels);
  const missed = new Float64Array(labels);
  const add = (sums: Float64Array, set: number, count: number): void => {
    for (let rest = set; rest !== 0; rest &= rest - 1) sums[31 - Math.clz32(rest & -rest)] += count;
  };
  for (let line = 0; line < truth.length; line += 1) {
    if (counts[line] === 0) continue;
    add(found, truth[line] & given[line], counts[line]);
    add(added, given[line] & ~truth[line], counts[line]);
    add(missed, truth[line] & ~given[line], counts[line]);
  }
  return Array.from(found, (count, label) => ({ found: count, added: added[label], missed: missed[label] }));
}

/** F1 of one label: the harmonic mean of precision and recall; not a number for a label that no line is labelled with. */
export function labelF1({ found, added, missed }: LabelCounts): number {
  return found + missed === 0 ? Number.NaN : (2 * found) / (2 * found + added + missed);
}

/** Mean of the F1 of the labels that occur among the true ones; not a number when none does. */
export function macroF1(counts: readonly LabelCounts[]): number {
  const present = counts.map(labelF1).filter(Number.isFinite);
  return present.reduce((sum, value) => sum + value, 0) / present.length;
}
