/**
 * Writes the features of every text of a JSON Lines file for the trainer, by the code that scores them later, so that
 * training and scoring cannot differ.
 *
 *     npx tsx models/training/export-features.ts TEXTS.jsonl FEATURES.bin
 *
 * The output is 32-bit little-endian numbers: per text its words, its number of features, the count bins that are on,
 * and the feature hashes.
 */
import { createReadStream, createWriteStream } from "node:fs";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { COUNT_BINS_ON, FEATURES_PER_WORD, writeCountBins, writeFeatures } from "../../src/text/features.js";
import { createNormalizedText, normalize } from "../../src/text/normalize.js";

const MAXIMUM_BYTES = 65536;
const MAXIMUM_WORDS = 20000;

const [inputPath, outputPath] = process.argv.slice(2);
const output = createWriteStream(outputPath);
const text = createNormalizedText(MAXIMUM_BYTES);
const features = new Uint32Array(MAXIMUM_BYTES * 8);
const bins = new Uint8Array(COUNT_BINS_ON);
const encoder = new TextEncoder();

for await (const line of createInterface({ input: createReadStream(inputPath) })) {
  const bytes = encoder.encode(JSON.parse(line).text).subarray(0, MAXIMUM_BYTES);
  normalize(bytes, 0, bytes.length, text);
  if (text.wordCount > MAXIMUM_WORDS || text.length * 5 + FEATURES_PER_WORD > features.length) throw new Error("text too long");
  const count = writeFeatures(text, 0, text.wordCount, features);
  writeCountBins(text, bins);
  const row = Uint32Array.from([text.wordCount, count, ...bins]);
  output.write(Buffer.from(row.buffer));
  if (!output.write(Buffer.from(features.slice(0, count).buffer))) await once(output, "drain");
}
output.end();
await once(output, "finish");
