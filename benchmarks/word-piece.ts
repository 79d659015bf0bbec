import { Tokenizer } from "@huggingface/tokenizers";
import { SPECIAL, tokenizerConfig, wordPieceTokenizer } from "./distilbert/tokenizer.js";
import { readTrainingTexts } from "./texts.js";

const PIECES = 30_000;
const WHOLE_WORDS = 18_000;
const LONGEST_ENDING = 6;
const POSITIONS = 512;

/**
 * A tokenizer such as `@huggingface/transformers` puts before a small BERT, in the JavaScript that it uses: WordPiece
 * with 30,000 pieces.
 */
export function createWordPiece(): Tokenizer {
  return new Tokenizer(wordPieceTokenizer(frequentPieces()), tokenizerConfig(POSITIONS));
}

/**
 * 30,000 pieces. Which ones is of no account for the speed of a tokenizer as long as most words are found, so that the
 * most frequent words and endings of the training texts do.
 */
export function frequentPieces(): readonly string[] {
  const words = new Map<string, number>();
  const endings = new Map<string, number>();
  const characters = new Set<string>();
  for (const text of readTrainingTexts()) {
    for (const [word] of text
      .toLowerCase()
      .normalize("NFD")
      .replace(/\p{Mn}/gu, "")
      .matchAll(/[\p{L}\p{N}]+|[^\s]/gu)) {
      words.set(word, (words.get(word) ?? 0) + 1);
      for (const character of word) characters.add(character);
      for (let length = 2; length <= LONGEST_ENDING && length < word.length; length += 1) {
        const ending = `##${word.slice(-length)}`;
        endings.set(ending, (endings.get(ending) ?? 0) + 1);
      }
    }
  }
  const letters = [...characters].sort().flatMap((character) => [character, `##${character}`]);
  const pieces = new Set([
    ...SPECIAL,
    ...letters,
    ...mostFrequent(words, WHOLE_WORDS),
    ...mostFrequent(endings, PIECES),
  ]);
  return [...pieces].slice(0, PIECES);
}

function mostFrequent(counts: ReadonlyMap<string, number>, count: number): string[] {
  const order = ([left, times]: [string, number], [right, others]: [string, number]): number =>
    others - times || (left < right ? -1 : 1);
  return [...counts]
    .sort(order)
    .slice(0, count)
    .map(([piece]) => piece);
}
