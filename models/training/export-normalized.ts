/**
 * Writes the normalised form of every text of a JSON Lines file, one a line, by the code that scores it later.
 *
 *     npx tsx models/training/export-normalized.ts TEXTS.jsonl NORMALIZED.txt
 */

import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { createNormalizedText, normalize } from "../../src/text/normalize.js";

const MAXIMUM_BYTES = 65_536;
const LINE_END = 0x0a;

const [inputPath, outputPath] = process.argv.slice(2);
const output = createWriteStream(outputPath);
const text = createNormalizedText(MAXIMUM_BYTES);
const encoder = new TextEncoder();

for await (const line of createInterface({ input: createReadStream(inputPath) })) {
  const bytes = encoder.encode(JSON.parse(line).text).subarray(0, MAXIMUM_BYTES);
  normalize(bytes, 0, bytes.length, text);
  const row = Buffer.alloc(text.length + 1, LINE_END);
  row.set(text.bytes.subarray(0, text.length));
  if (!output.write(row)) await once(output, "drain");
}
output.end();
await once(output, "finish");
