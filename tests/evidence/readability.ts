/** How hard a text is to read. */
export interface Readability {
  /**
   * Years of school in the United States: Flesch-Kincaid grade level (Kincaid and others, 1975), with syllables counted by
   * groups of vowels.
   */
  readonly grade: number;
  /** Words of the longest sentence. */
  readonly longest: number;
}

/** Measures the whole sentences of a text. Headings and labels, which are short, would make it look easier than it is. */
export function readabilityOf(text: string): Readability {
  const sentences = text
    .replace(/^#.*$/gm, "")
    .split(/\n\s*\n|\n- /)
    .flatMap((paragraph) => paragraph.match(/[^.!?:]+[.!?](?=\s|$)/g) ?? [])
    .map((sentence) => sentence.match(/[A-Za-z']+/g) ?? []);
  const words = sentences.flat();
  const syllables = words.reduce((sum, word) => sum + syllablesOf(word), 0);
  return {
    grade: 0.39 * (words.length / sentences.length) + 11.8 * (syllables / words.length) - 15.59,
    longest: Math.max(...sentences.map(({ length }) => length)),
  };
}

/** Syllables of an English word, by its groups of vowels without a silent e at the end. */
export function syllablesOf(word: string): number {
  const spoken = word.toLowerCase().replace(/(?<![aeiouyl])e$|(?<=[aeiou]l)e$|(?<=[^td])ed$|(?<=[^csxz])es$/, "");
  return Math.max(spoken.match(/[aeiouy]+/g)?.length ?? 1, 1);
}
