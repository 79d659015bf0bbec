/**
 * Writes the pieces of every text of a JSON Lines file for the encoder's trainer, by the code that cuts messages later.
 *
 *     npx tsx models/training/export-tokens.ts VOCABULARY.bin TEXTS.jsonl TOKENS.bin
 *
 * The output is 16-bit little-endian ids; after each text comes a separator.
 */

import { once } from "node:events";
import { createReadStream, createWriteStream, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { createNormalizedText, normalize } from "../../src/text/normalize.js";
import { readVocabulary, SPECIAL_PIECES, tokenize } from "../../src/text/tokenize.js";

const MAXIMUM_BYTES = 65_536;

const [vocabularyPath, inputPath, outputPath] = process.argv.slice(2);
const vocabulary = readVocabulary(readFileSync(vocabularyPath));
const output = createWriteStream(outputPath);
const text = createNormalizedText(MAXIMUM_BYTES);
const encoder = new TextEncoder();
const ids = new Uint16Array(MAXIMUM_BYTES * 2 + 1);

for await (const line of createInterface({ input: createReadStream(inputPath) })) {
  const bytes = encoder.encode(JSON.parse(line).text).subarray(0, MAXIMUM_BYTES);
  normalize(bytes, 0, bytes.length, text);
  const count = tokenize(vocabulary, text.bytes, 0, text.length, ids);
  ids[count] = SPECIAL_PIECES.separator;
  if (!output.write(Buffer.from(ids.slice(0, count + 1).buffer))) await once(output, "drain");
}
output.end();
await once(output, "finish");
