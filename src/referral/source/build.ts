/**
 * Writes `src/referral/directory.json` from the collected facts beside this file and prints what was left out.
 *
 *     npx tsx src/referral/source/build.ts
 */
import { readFileSync, writeFileSync } from "node:fs";
import { cleanFacts, type FactFile } from "./clean.js";
import { formatJson } from "./format.js";

const files = ["helplines.json", "finders.json"].map(
  (name) => JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8")) as FactFile,
);
const { directory, leftOut } = cleanFacts(files);
writeFileSync(new URL("../directory.json", import.meta.url), formatJson(directory));

process.stdout.write(`kept ${directory.entries.length}\n`);
for (const [reason, count] of leftOut) process.stdout.write(`left out ${count} ${reason}\n`);
