import { COUNT_BINS_ON, FEATURES_PER_WORD, writeCountBins, writeFeatures } from "../text/features.js";
import { createNormalizedText, emptyCounts, normalize, sequenceLength, wipeNormalizedText } from "../text/normalize.js";
import type { DetectedLanguage, Scores, Span } from "../types.js";
import { keepHighest, toScores, writeHeadLogits } from "./heads.js";
import { createLanguages, UNDETERMINED } from "./language.js";
import { accumulate, writeLogits } from "./linear.js";
import { HEADS } from "./manifest.js";
import { LABEL_COLUMNS, type Pack } from "./pack.js";
import { createRuleScratch, matchRules, type RuleMatch, wipeRuleScratch } from "./rules.js";

/** Bytes that are normalised at a time; longer messages are read in pieces of this size, cut at a space. */
export const SEGMENT_BYTES = 65_536;

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
  /** When asked for: each word's own share of the risk margin, in logits. */
  readonly spans?: readonly Span[];
}

/** How a message is to be scored. */
export interface ScoreOptions {
  /** BCP 47 tag, when the caller knows it. */
  readonly language?: string;
  readonly spans?: boolean;
}

/** Scores one message at a time in buffers of its own. */
export interface Scorer {
  /** Scores `source[start, end)`, which is only read. Every buffer is wiped before it returns or throws. */
  score(source: Uint8Array, start: number, end: number, options?: ScoreOptions): ScoredText;
}

/** Allocates the buffers for a pack. */
export function createScorer(pack: Pack): Scorer {
  const { linear, language, rules, manifest } = pack;
  const { blockWords, blocksPerWindow } = manifest.linear;
  const text = createNormalizedText(SEGMENT_BYTES);
  const features = new Uint32Array(blockWords * FEATURES_PER_WORD);
  const bins = new Uint8Array(COUNT_BINS_ON);
  const sumsLength = linear.families * linear.columns;
  const total = new Int32Array(sumsLength);
  const windowSums = new Int32Array(sumsLength);
  const blocks = Array.from({ length: blocksPerWindow }, () => new Int32Array(sumsLength));
  const blockCounts = new Int32Array(blocksPerWindow);
  const languages = createLanguages(manifest);
  const languageSums = new Int32Array(language.columns);
  const logits = new Float64Array(linear.columns);
  const languageLogits = new Float64Array(language.columns);
  const headLogits = new Float64Array(HEADS);
  const highest = new Float64Array(HEADS);
  const labelLogits = logits.subarray(0, LABEL_COLUMNS);
  const ruleScratch = createRuleScratch(rules, text.wordStarts.length);
  const noBins = new Uint8Array(0);
  const counts = emptyCounts();
  let featuresUsed = 0;

  const wipe = (): void => {
    wipeNormalizedText(text);
    wipeRuleScratch(ruleScratch);
    features.fill(0, 0, featuresUsed);
    featuresUsed = 0;
    for (const buffer of [bins, total, windowSums, blockCounts, languageSums, ...blocks]) buffer.fill(0);
    for (const buffer of [logits, languageLogits, headLogits, highest]) buffer.fill(0);
    Object.assign(counts, emptyCounts());
  };

  const score = (source: Uint8Array, start: number, end: number, options: ScoreOptions): ScoredText => {
    let words = 0;
    let block = 0;
    let featureCount = 0;
    let languageWords = 0;
    let languageCount = 0;
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

    const addBlock = (first: number, last: number): void => {
      const own = blocks[block % blocksPerWindow];
      own.fill(0);
      const count = writeFeatures(text, first, last, features);
      featuresUsed = Math.max(featuresUsed, count);
      accumulate(linear, features, count, own);
      blockCounts[block % blocksPerWindow] = count;
      for (let i = 0; i < sumsLength; i += 1) total[i] += own[i];
      featureCount += count;
      if (languageWords < manifest.language.words && options.language === undefined) {
        accumulate(language, features, count, languageSums);
        languageCount += count;
        languageWords += last - first;
      }
      block += 1;
      if (block >= blocksPerWindow) addWindow();
    };
    const addWindow = (): void => {
      windowSums.fill(0);
      for (const sums of blocks) for (let i = 0; i < sumsLength; i += 1) windowSums[i] += sums[i];
      let count = 0;
      for (let i = 0; i < blocksPerWindow; i += 1) count += blockCounts[i];
      writeLogits(linear, windowSums, count, noBins, logits);
      writeHeadLogits(labelLogits, headLogits);
      keepHighest(headLogits, highest);
    };

    for (let from = start; from < end; ) {
      const to = segmentEnd(source, from, end);
      normalize(source, from, to, text);
      for (let first = 0; first < text.wordCount; first += blockWords)
        addBlock(first, Math.min(first + blockWords, text.wordCount));
      joinMatch(match, matchRules(rules, text, ruleScratch));
      if (options.spans) addSpans(spans, source, from, start, to);
      words += text.wordCount;
      for (const key of Object.keys(counts) as Array<keyof typeof counts>) counts[key] += text.counts[key];
      // The next segment may be shorter and would leave the end of this one in the buffer.
      wipeNormalizedText(text);
      from = to;
    }

    const windows = block > blocksPerWindow ? block - blocksPerWindow + 1 : 0;
    writeCountBins(counts, words, bins);
    writeLogits(linear, total, featureCount, bins, logits);
    writeHeadLogits(labelLogits, headLogits);
    const scores = toScores(headLogits, highest, windows, manifest.calibration);
    return {
      ...(areFinite(scores) && { scores }),
      language: findLanguage(options.language, languageCount),
      rules: match,
      words,
      windows,
      undecodable: counts.undecodable,
      ...(options.spans && { spans: scaleSpans(spans, featureCount) }),
    };
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
      const count = writeFeatures(text, word, word + 1, features);
      windowSums.fill(0);
      accumulate(linear, features, count, windowSums);
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
  return [urgency, categories, signals].every((group) => Object.values(group).every(Number.isFinite));
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
