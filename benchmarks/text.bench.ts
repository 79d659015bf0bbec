/**
 * Microseconds a message, whole and in parts, beside the tokenizer of transformers.js on the same text:
 *
 *     npm run bench:parts
 */

import { Bench } from "tinybench";
import { type Kernel, PLAIN_KERNEL } from "../src/model/kernel.js";
import { createLanguages } from "../src/model/language.js";
import { writeLogits } from "../src/model/linear.js";
import { loadPack } from "../src/model/pack.js";
import { createRuleScratch, matchRules, wipeRuleScratch } from "../src/model/rules.js";
import { createScorer } from "../src/model/scorer.js";
import { decide } from "../src/policy/decide.js";
import { DEFAULT_POLICY } from "../src/policy/schema.js";
import { BUNDLED_DIRECTORY } from "../src/referral/bundled.js";
import { resolveReferrals } from "../src/referral/resolve.js";
import { createNormalizedText, type NormalizedText, normalize, wipeNormalizedText } from "../src/text/normalize.js";
import { createTriage } from "../src/triage.js";
import { describeMachine, quantile } from "./machine.js";
import { messagesOf } from "./texts.js";
import { createWordPiece } from "./word-piece.js";

const WORDS = [20, 60, 200];
const MESSAGES = 200;
/** Every task runs once a round: what else the machine does meets them all alike. */
const ROUNDS = 8;
const ROUND_MS = 60;
const WHOLE = "whole message (assessBytes)";
const MODEL = "model part (scorer)";
const TOKENIZER = "tokenizer of transformers.js";

const pack = loadPack();
const triage = await createTriage({ pack, country: "KE" });
const scorer = createScorer(pack);
const tokenizer = createWordPiece();

/** The steps of one message length; each call takes the next message. */
async function tasksFor(words: number): Promise<ReadonlyArray<readonly [name: string, run: () => unknown]>> {
  const { linear, language, rules, manifest, workspace } = pack;
  const strings = messagesOf(words, MESSAGES);
  const messages = strings.map((string) => new TextEncoder().encode(string));
  const longest = Math.max(...messages.map(({ length }) => length));
  const scratch = createNormalizedText(longest);
  const texts = messages.map((bytes) => {
    const text = createNormalizedText(bytes.length);
    normalize(bytes, 0, bytes.length, text);
    return text;
  });
  const { blockWords } = manifest.linear;
  const { features } = workspace;
  const [languageSums, sums] = workspace.sums;
  const logits = new Float64Array(language.columns);
  const noBins = new Uint8Array(0);
  const languages = createLanguages(manifest);
  const ruleScratch = createRuleScratch(rules, Math.max(...texts.map(({ wordCount }) => wordCount)));
  const scored = messages.map((bytes) => scorer.score(bytes, 0, bytes.length));
  const assessments = await Promise.all(messages.map((bytes) => triage.assessBytes(bytes, 0, bytes.length)));
  /** A kernel reads only what lies in the workspace. */
  const bringIn = ({ bytes, length, wordStarts, wordEnds, wordCount }: NormalizedText): NormalizedText => {
    const { text } = workspace;
    text.bytes.set(bytes.subarray(0, length));
    text.wordStarts.set(wordStarts.subarray(0, wordCount));
    text.wordEnds.set(wordEnds.subarray(0, wordCount));
    return Object.assign(text, { length, wordCount });
  };
  /** Block after block, as the scorer goes: features only, or also their weights, or also those of the language. */
  const readBlocks = (kernel: Kernel, step: "features" | "weights" | "language") => (own: NormalizedText) => {
    const text = bringIn(own);
    for (let first = 0; first < text.wordCount; first += blockWords) {
      const count = kernel.writeFeatures(text, first, Math.min(first + blockWords, text.wordCount), features);
      if (step !== "features") kernel.accumulate(linear, features, count, sums);
      if (step === "language" && first < manifest.language.words)
        kernel.accumulate(language, features, count, languageSums);
    }
  };

  let turn = 0;
  const next = (): number => {
    turn = (turn + 1) % MESSAGES;
    return turn;
  };
  const each =
    <Input>(inputs: readonly Input[], run: (input: Input) => unknown) =>
    () =>
      run(inputs[next()]);
  return [
    [WHOLE, each(messages, (bytes) => triage.assessBytes(bytes, 0, bytes.length))],
    [MODEL, each(messages, (bytes) => scorer.score(bytes, 0, bytes.length))],
    ["  normalise", each(messages, (bytes) => normalize(bytes, 0, bytes.length, scratch))],
    ["  features", each(texts, readBlocks(workspace.kernel, "features"))],
    ["  features, weights", each(texts, readBlocks(workspace.kernel, "weights"))],
    ["  features, weights, language", each(texts, readBlocks(workspace.kernel, "language"))],
    ["    without WebAssembly", each(texts, readBlocks(PLAIN_KERNEL, "language"))],
    [
      "  which language",
      () => {
        writeLogits(language, languageSums, manifest.language.words, noBins, logits);
        return languages.fromLogits(logits);
      },
    ],
    ["  phrase rules", each(texts, (text) => matchRules(rules, text, ruleScratch))],
    [
      "  wiping",
      each(texts, ({ length, wordCount }) => {
        // Zeroing costs the same whatever was there: the extent of a message without its contents.
        Object.assign(scratch, { length, wordCount });
        wipeNormalizedText(scratch);
        wipeRuleScratch(ruleScratch);
        features.fill(0, 0, Math.min(length * 4, features.length));
        for (const buffer of [sums, languageSums, logits]) buffer.fill(0);
      }),
    ],
    [
      "decision",
      each(scored, ({ scores }) =>
        decide(
          { ...(scores && { scores }), defaults: manifest.thresholds, ruleCategories: [], ruleSignals: [], review: [] },
          DEFAULT_POLICY,
        ),
      ),
    ],
    [
      "who can help",
      each(assessments, ({ urgency, categories, signals }) =>
        resolveReferrals(
          { urgency, categories, signals, country: "KE", languages: ["en"] },
          BUNDLED_DIRECTORY,
          new Date(),
        ),
      ),
    ],
    ["JSON of the result", each(assessments, (assessment) => JSON.stringify(assessment))],
    [TOKENIZER, each(strings, (string) => tokenizer.encode(string))],
  ];
}

process.stdout.write(`${describeMachine()}\n`);
for (const words of WORDS) {
  const tasks = await tasksFor(words);
  const samples = new Map<string, number[]>(tasks.map(([name]) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    const bench = new Bench({
      time: ROUND_MS,
      warmupTime: round === 0 ? 2 * ROUND_MS : 0,
      warmup: round === 0,
      retainSamples: true,
    });
    for (const [name, run] of tasks) bench.add(name, run, { async: name === WHOLE });
    await bench.run();
    for (const { name, result } of bench.tasks)
      if ("latency" in result) samples.set(name, (samples.get(name) ?? []).concat(result.latency.samples ?? []));
  }
  for (const own of samples.values()) own.sort((a, b) => a - b);
  const median = (name: string): number => quantile(samples.get(name) ?? [], 0.5) * 1000;
  process.stdout.write(`\n${words} words, microseconds          median      p99   times the tokenizer\n`);
  for (const [name, own] of samples) {
    const p99 = quantile(own, 0.99) * 1000;
    const ratio = median(name) / median(TOKENIZER);
    process.stdout.write(
      `${name.padEnd(30)} ${median(name).toFixed(1).padStart(8)} ${p99.toFixed(1).padStart(8)} ${ratio.toFixed(2).padStart(8)}\n`,
    );
  }
}
process.stdout.write(`\n${describeMachine()}\n`);
await triage.close();
