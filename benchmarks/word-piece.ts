import { Tokenizer } from "@huggingface/tokenizers";
import { readTrainingTexts } from "./texts.js";

const PIECES = 30_000;
const WHOLE_WORDS = 18_000;
const LONGEST_ENDING = 6;
const SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

/**
 * A tokenizer such as `@huggingface/transformers` puts before a small BERT, in the JavaScript that it uses: WordPiece
 * with 30,000 pieces. Which pieces is of no account for its speed as long as most words are found, so that the most
 * frequent words and endings of the training texts do.
 */
export function createWordPiece(): Tokenizer {
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
  const vocabulary = Object.fromEntries([...pieces].slice(0, PIECES).map((piece, index) => [piece, index]));
  return new Tokenizer(
    {
      added_tokens: SPECIAL.map((content, id) => ({ id, content, special: true, normalized: false })),
      normalizer: {
        type: "BertNormalizer",
        clean_text: true,
        handle_chinese_chars: true,
        strip_accents: null,
        lowercase: true,
      },
      pre_tokenizer: { type: "BertPreTokenizer" },
      post_processor: {
        type: "TemplateProcessing",
        single: [
          { SpecialToken: { id: "[CLS]", type_id: 0 } },
          { Sequence: { id: "A", type_id: 0 } },
          { SpecialToken: { id: "[SEP]", type_id: 0 } },
        ],
        pair: [],
      },
      decoder: { type: "WordPiece", prefix: "##", cleanup: true },
      model: {
        type: "WordPiece",
        vocab: vocabulary,
        unk_token: "[UNK]",
        continuing_subword_prefix: "##",
        max_input_chars_per_word: 100,
      },
    },
    { unk_token: "[UNK]", pad_token: "[PAD]", cls_token: "[CLS]", sep_token: "[SEP]", mask_token: "[MASK]" },
  );
}

function mostFrequent(counts: ReadonlyMap<string, number>, count: number): string[] {
  const order = ([left, times]: [string, number], [right, others]: [string, number]): number =>
    others - times || (left < right ? -1 : 1);
  return [...counts]
    .sort(order)
    .slice(0, count)
    .map(([piece]) => piece);
}
