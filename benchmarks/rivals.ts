/**
 * Earshot beside what else there is, in one run on the same messages:
 *
 *     npm run bench:rivals
 *     npm run bench:rivals -- --rounds 20 --html rivals.html
 */

import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { renderBenchmarkHtml } from "../src/benchmark/report-html.js";
import { renderBenchmarkText } from "../src/benchmark/report-text.js";
import { runBenchmark } from "../src/benchmark/run-benchmark.js";
import { sampleMessages } from "../src/benchmark/sample-messages.js";
import { bundledFolder } from "../src/model/pack.js";
import { buildRivalModel } from "./rival-model.js";

const MAIN = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const WORKER = fileURLToPath(new URL("build/worker/rival-worker.js", import.meta.url));
const WORDS = [20, 60, 200];
const SCENARIO = 1;
const MESSAGES = 200;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "10" },
    "round-ms": { type: "string", default: "400" },
    "cold-starts": { type: "string", default: "5" },
    html: { type: "string" },
    json: { type: "string" },
  },
});
const { folder, modelFile } = buildRivalModel();
const ours = (kind: string, path: string): string[] => [process.execPath, MAIN, "bench-worker", kind, path];
const rival = (kind: string): string[] => [process.execPath, WORKER, kind, folder];
const report = await runBenchmark({
  models: [
    ours("first-stage", bundledFolder()),
    ours("pack", bundledFolder()),
    rival("tokenizer"),
    rival("runtime"),
    rival("pipeline"),
    ours("model", modelFile),
  ],
  texts: WORDS.map((words) => sampleMessages(words, MESSAGES, 1)),
  scenarioTexts: SCENARIO,
  rounds: Number(values.rounds),
  roundMs: Number(values["round-ms"]),
  coldStarts: Number(values["cold-starts"]),
  cores: availableParallelism(),
  streams: 8,
  rates: [],
  latencyBoundMs: 100,
  seed: 1,
});
process.stdout.write(renderBenchmarkText(report));
const [, whole] = report.models;
const pipeline = report.models.find(({ name }) => name.startsWith("transformers.js pipeline"));
if (pipeline !== undefined) {
  process.stdout.write(`\n${pipeline.name}, by ${whole.name}:\n`);
  for (const [index, { texts, p50 }] of whole.latency.entries())
    process.stdout.write(`  p50 on ${texts}: ${(pipeline.latency[index].p50 / p50).toFixed(1)} times\n`);
  const memory = pipeline.residentBytes.peak / whole.residentBytes.peak;
  process.stdout.write(`  peak resident memory: ${memory.toFixed(1)} times\n`);
}
if (values.html !== undefined) writeFileSync(values.html, renderBenchmarkHtml(report));
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(report));
