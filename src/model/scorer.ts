import { CATEGORIES, SIGNALS, URGENCIES } from "../labels.js";
import { COUNT_BINS_ON, writeCountBins } from "../text/features.js";
import {
  addCounts,
  clearCounts,
  emptyCounts,
  normalize,
  sequenceLength,
  wipeNormalizedText,
} from "../text/normalize.js";
import type { DetectedLanguage, Scores, Span } from "../types.js";
import type { Encoder } from "./encoder.js";
import { keepHighest, toScores, writeHeadLogits } from "./heads.js";
import { createLanguages, UNDETERMINED } from "./language.js";
import { writeLogits } from "./linear.js";
import { HEADS } from "./manifest.js";
import { LABEL_COLUMNS, type Pack } from "./pack.js";
import { createRuleScratch, matchRules, type RuleMatch, wipeRuleScratch } from "./rules.js";
import { SEGMENT_BYTES } from "./workspace.js";

export { SEGMENT_BYTES } from "./workspace.js";

/** What the text of one message gave: numbers, and nothing of its words. */
export interface ScoredText {
  /** Absent when the model failed. */
  readonly scores?: Scores;
  readonly language: DetectedLanguage;
  readonly rules: RuleMatch;
  readonly words: number;
  readonly windows: number;
  /** Bytes that are not valid UTF-8. */
  readonly undecodable: number;
  /** Whether the scores are to be settled by the encoder; if it read along, its `score()` gives those of both. */
  readonly unsettled: boolean;
  /** When asked for: each word's own share of the risk margin, in logits. */
  readonly spans?: readonly Span[];
}

/** How a message is to be scored. */
export interface ScoreOptions {
  /** BCP 47 tag, when the caller knows it. */
  readonly language?: string;
  readonly spans?: boolean;
  /** Whether these scores are to be settled by the encoder; by default none are. */
  readonly isUnsettled?: (scores: Scores) => boolean;
  /** Reads along, and keeps the message if its scores are unsettled. */
  readonly encoder?: Encoder;
}

/** Scores one message at a time in buffers of its own. */
export interface Scorer {
  /**
   * Scores `source[start, end)`, which is only read. Every buffer is wiped before it returns or throws, except those of
   * the encoder when the result is `unsettled`.
   */
  score(source: Uint8Array, start: number, end: number, options?: ScoreOptions): ScoredText;
}

/** Prepares scoring in the workspace of a pack. */
export function createScorer(pack: Pack): Scorer {
  const { linear, language, rules, manifest, workspace } = pack;
  const { blockWords, blocksPerWindow } = manifest.linear;
  const { kernel, text, features } = workspace;
  const bins = new Uint8Array(COUNT_BINS_ON);
  const sumsLength = linear.families * linear.columns;
  const total = new Int32Array(sumsLength);
  const [languageSums, windowSums, ...blocks] = workspace.sums.map((sums, index) =>
    sums.subarray(0, index === 0 ? language.columns : sumsLength),
  );
  const blockCounts = new Int32Array(blocksPerWindow);
  const languages = createLanguages(manifest);
  const logits = new Float64Array(linear.columns);
  const languageLogits = new Float64Array(language.columns);
  const headLogits = new Float64Array(HEADS);
  const highest = new Float64Array(HEADS);
  const labelLogits = logits.subarray(0, LABEL_COLUMNS);
  const ruleScratch = createRuleScratch(rules, text.wordStarts.length);
  const noBins = new Uint8Array(0);
  const counts = emptyCounts();
  // What the reading of a message has come to; not per message, because making functions for each costs more than they do.
  let featuresUsed = 0;
  let block = 0;
  let featureCount = 0;
  let languageWords = 0;
  let languageCount = 0;

  const wipe = (): void => {
    wipeNormalizedText(text);
    wipeRuleScratch(ruleScratch);
    features.fill(0, 0, featuresUsed);
    for (const sums of blocks) sums.fill(0);
    bins.fill(0);
    total.fill(0);
    windowSums.fill(0);
    languageSums.fill(0);
    blockCounts.fill(0);
    logits.fill(0);
    languageLogits.fill(0);
    headLogits.fill(0);
    highest.fill(0);
    clearCounts(counts);
    featuresUsed = 0;
    block = 0;
    featureCount = 0;
    languageWords = 0;
    languageCount = 0;
  };

  const addBlock = (first: number, last: number, tellsLanguage: boolean): void => {
    // Only now is it known that the message has more than one window, so that windows are needed.
    if (block >= blocksPerWindow) addWindow();
    const own = blocks[block % blocksPerWindow];
    own.fill(0);
    const count = kernel.writeFeatures(text, first, last, features);
    featuresUsed = Math.max(featuresUsed, count);
    kernel.accumulate(linear, features, count, own);
    blockCounts[block % blocksPerWindow] = count;
    for (let i = 0; i < sumsLength; i += 1) total[i] += own[i];
    featureCount += count;
    if (tellsLanguage && languageWords < manifest.language.words) {
      kernel.accumulate(language, features, count, languageSums);
      languageCount += count;
      languageWords += last - first;
    }
    block += 1;
  };

  /** Looks at the last blocks together. */
  const addWindow = (): void => {
    windowSums.fill(0);
    for (const sums of blocks) for (let i = 0; i < sumsLength; i += 1) windowSums[i] += sums[i];
    let count = 0;
    for (let i = 0; i < blocksPerWindow; i += 1) count += blockCounts[i];
    writeLogits(linear, windowSums, count, noBins, logits);
    writeHeadLogits(labelLogits, headLogits);
    keepHighest(headLogits, highest);
  };

  const score = (source: Uint8Array, start: number, end: number, options: ScoreOptions): ScoredText => {
    const { encoder, isUnsettled } = options;
    let words = 0;
    const spans: Span[] = [];
    const match: RuleMatch = {
      level: Number.POSITIVE_INFINITY,
      categories: 0,
      signals: 0,
      matches: 0,
      firstWord: -1,
      lastWord: -1,
    };
    highest.fill(Number.NEGATIVE_INFINITY);

    for (let from = start; from < end; ) {
      const to = segmentEnd(source, from, end);
      normalize(source, from, to, text);
      for (let first = 0; first < text.wordCount; first += blockWords)
        addBlock(first, Math.min(first + blockWords, text.wordCount), options.language === undefined);
      encoder?.add(text);
      joinMatch(match, matchRules(rules, text, ruleScratch));
      if (options.spans) addSpans(spans, source, from, start, to);
      words += text.wordCount;
      addCounts(counts, text.counts);
      // The next segment may be shorter and would leave the end of this one in the buffer.
      wipeNormalizedText(text);
      from = to;
    }
    if (block > blocksPerWindow) addWindow();

    const windows = block > blocksPerWindow ? block - blocksPerWindow + 1 : 0;
    writeCountBins(counts, words, bins);
    writeLogits(linear, total, featureCount, bins, logits);
    writeHeadLogits(labelLogits, headLogits);
    const scores = toScores({ whole: headLogits, window: highest, windows }, manifest.calibration);
    const valid = areFinite(scores);
    const unsettled = valid && isUnsettled?.(scores) === true;
    if (unsettled) encoder?.keep(headLogits, highest, windows);
    else encoder?.wipe();
    const language = findLanguage(options.language, languageCount);
    // Not one literal with spreads: those are slower than the rest of this function.
    const result: { -readonly [Key in keyof ScoredText]: ScoredText[Key] } = {
      unsettled,
      language,
      rules: match,
      words,
      windows,
      undecodable: counts.undecodable,
    };
    if (valid) result.scores = scores;
    if (options.spans) result.spans = scaleSpans(spans, featureCount);
    return result;
  };

  const findLanguage = (stated: string | undefined, count: number): DetectedLanguage => {
    if (stated !== undefined) return languages.stated(stated);
    if (counts.letters === 0) return UNDETERMINED;
    writeLogits(language, languageSums, count, noBins, languageLogits);
    return languages.fromLogits(languageLogits);
  };

  /** One span a word of the segment: the part of the risk margin that its features bring, still to be divided by the norm. */
  const addSpans = (spans: Span[], source: Uint8Array, from: number, start: number, to: number): void => {
    for (let word = 0; word < text.wordCount; word += 1) {
      const count = kernel.writeFeatures(text, word, word + 1, features);
      windowSums.fill(0);
      kernel.accumulate(linear, features, count, windowSums);
      let margin = 0;
      for (let family = 0; family < linear.families; family += 1) {
        const base = family * linear.columns;
        for (let level = 0; level < RISK_MARGIN.length; level += 1)
          margin += RISK_MARGIN[level] * windowSums[base + level] * linear.scales[base + level];
      }
      const first = from + text.sources[text.wordStarts[word]];
      const last = from + text.sources[text.wordEnds[word] - 1];
      spans.push([first - start, last + sequenceLength(source, last, to) - start, margin]);
    }
  };

  return {
    score(source, start, end, options = {}) {
      try {
        return score(source, start, end, options);
      } catch (error) {
        options.encoder?.wipe();
        throw error;
      } finally {
        wipe();
      }
    },
  };
}

/** The risk margin that spans explain: the mean logit of the two graver levels less that of the two milder ones. */
const RISK_MARGIN = [0.5, 0.5, -0.5, -0.5];

/** A number that is none must not be shown as a score; without scores the message is ordered by what else is known. */
function areFinite({ urgency, categories, signals }: Scores): boolean {
  return (
    URGENCIES.every((level) => Number.isFinite(urgency[level])) &&
    CATEGORIES.every((category) => Number.isFinite(categories[category])) &&
    SIGNALS.every((signal) => Number.isFinite(signals[signal]))
  );
}

function scaleSpans(spans: readonly Span[], featureCount: number): Span[] {
  const norm = 1 / Math.sqrt(Math.max(1, featureCount));
  return spans.map(([first, last, weight]) => [first, last, weight * norm]);
}

/** Where to cut a long message: after a space if there is one in the last quarter, else between two characters. */
function segmentEnd(source: Uint8Array, from: number, end: number): number {
  if (end - from <= SEGMENT_BYTES) return end;
  const limit = from + SEGMENT_BYTES;
  for (let i = limit - 1; i > limit - SEGMENT_BYTES / 4; i -= 1) if (source[i] <= 0x20) return i + 1;
  let cut = limit;
  while (cut > limit - 4 && (source[cut] & 0xc0) === 0x80) cut -= 1;
  return cut;
}

function joinMatch(into: RuleMatch, match: RuleMatch): void {
  into.level = Math.min(into.level, match.level);
  into.categories |= match.categories;
  into.signals |= match.signals;
  into.matches += match.matches;
}
