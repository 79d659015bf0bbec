/**
 * Writes the features of every text of a JSON Lines file for the trainer, by the code that scores them later, so that
 * training and scoring cannot differ.
 *
 *     npx tsx models/training/export-features.ts TEXTS.jsonl FEATURES.bin
 *
 * The output is 32-bit little-endian numbers: per text its words, the count bins that are on, its blocks of words, the
 * number of features of each block, and the feature hashes.
 */

import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { COUNT_BINS_ON, FEATURES_PER_WORD, writeCountBins, writeFeatures } from "../../src/text/features.js";
import { createNormalizedText, normalize } from "../../src/text/normalize.js";

const MAXIMUM_BYTES = 65_536;
/** As in the manifest that build_pack.py writes. */
const BLOCK_WORDS = 16;

const [inputPath, outputPath] = process.argv.slice(2);
const output = createWriteStream(outputPath);
const text = createNormalizedText(MAXIMUM_BYTES);
const features = new Uint32Array(BLOCK_WORDS * FEATURES_PER_WORD);
const bins = new Uint8Array(COUNT_BINS_ON);
const encoder = new TextEncoder();

for await (const line of createInterface({ input: createReadStream(inputPath) })) {
  const bytes = encoder.encode(JSON.parse(line).text).subarray(0, MAXIMUM_BYTES);
  normalize(bytes, 0, bytes.length, text);
  writeCountBins(text.counts, text.wordCount, bins);
  const counts: number[] = [];
  const blocks: Uint32Array[] = [];
  for (let first = 0; first < text.wordCount; first += BLOCK_WORDS) {
    const count = writeFeatures(text, first, Math.min(first + BLOCK_WORDS, text.wordCount), features);
    counts.push(count);
    blocks.push(features.slice(0, count));
  }
  const head = Uint32Array.from([text.wordCount, ...bins, counts.length, ...counts]);
  for (const part of [head, ...blocks]) if (!output.write(Buffer.from(part.buffer))) await once(output, "drain");
}
output.end();
await once(output, "finish");
