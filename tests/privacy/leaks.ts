import { inspect } from "node:util";
import * as fc from "fast-check";
import { createPatternIndex, findInBytes } from "../../src/audit/pattern-index.js";
import { encodeText, FRAGMENT_CHARACTERS, fragmentsOf } from "../../src/audit/text-encodings.js";

/** First and last code point of letters that stand alone, in several scripts. */
const SCRIPTS: ReadonlyArray<readonly [number, number]> = [
  [0x61, 0x7a], // Latin
  [0xe0, 0xf6], // Latin with accents
  [0x430, 0x44f], // Cyrillic
  [0x621, 0x63a], // Arabic
  [0x915, 0x939], // Devanagari
  [0x4e00, 0x9fa5], // Chinese
  [0x1f600, 0x1f64f], // emoji
];
const WORD_CHARACTERS = 12;

/** Random words of one script, of which every part of eight characters can be looked for. */
export const canaries: fc.Arbitrary<string> = fc
  .constantFrom(...SCRIPTS)
  .chain(([min, max]) => {
    const letter = fc.integer({ min, max }).map((codePoint) => String.fromCodePoint(codePoint));
    const word = fc.string({ unit: letter, minLength: WORD_CHARACTERS, maxLength: WORD_CHARACTERS });
    return fc.array(word, { minLength: 1, maxLength: 4 });
  })
  .map((words) => words.join(" "))
  // Monotonous parts, as in `aaaaaaaa`, would also be found where nothing leaked.
  .filter((text) =>
    text.split(" ").every((word) => fragmentsOf(word).length === WORD_CHARACTERS - FRAGMENT_CHARACTERS + 1),
  );

/** Counts parts of a canary, in every encoding that an audit knows, in whatever a program handed out. */
export function createLeakCounter(canary: string): (output: unknown) => number {
  const index = createPatternIndex(canary.split(" ").flatMap(encodeText));
  return (output) => {
    let found = 0;
    const bytes = output instanceof Uint8Array ? output : Buffer.from(describe(output));
    findInBytes(index, bytes, () => {
      found += 1;
    });
    return found;
  };
}

/** Everything that a log could make of a value: its fields, hidden ones too, its message, stack and cause, its JSON. */
function describe(value: unknown): string {
  if (typeof value === "string") return value;
  const { message, stack, cause } = value instanceof Error ? value : {};
  const shown = inspect(value, { depth: 20, showHidden: true, maxArrayLength: null, maxStringLength: null });
  return [shown, String(value), JSON.stringify(value), message, stack, inspect(cause)].join("\n");
}
