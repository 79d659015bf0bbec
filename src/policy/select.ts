/** A label over its threshold. */
export interface SelectedLabel<Label extends string> {
  readonly label: Label;
  /** In [0, 1]; 1 when a rule matched. */
  readonly probability: number;
}

/**
 * Returns the labels that reach their thresholds, strongest first: by probability relative to the threshold, because a
 * rare label with a low threshold may be just as sure at 0.3 as a common one at 0.6. A label that a rule added counts
 * as certain. Without probabilities only the labels from rules are left.
 */
export function selectLabels<Label extends string>(
  labels: readonly Label[],
  probabilities: Readonly<Record<Label, number>> | undefined,
  fromRules: readonly Label[],
  thresholdOf: (label: Label) => number,
): SelectedLabel<Label>[] {
  const selected: Candidate<Label>[] = [];
  for (const label of labels) {
    const probability = fromRules.includes(label) ? 1 : Math.min(probabilities?.[label] ?? Number.NaN, 1);
    const threshold = thresholdOf(label);
    if (probability === 1 || probability >= threshold)
      selected.push({ label, probability, strength: probability / Math.max(threshold, Number.EPSILON) });
  }
  return selected
    .sort((left, right) => right.strength - left.strength)
    .map(({ label, probability }) => ({ label, probability }));
}

interface Candidate<Label extends string> extends SelectedLabel<Label> {
  readonly strength: number;
}
