import { URGENCIES, type Urgency } from "../labels.js";
import {
  confusionOf,
  isAtLeast,
  levelLines,
  linesWithLabels,
  measureFigures,
  measureLabels,
  scoredLines,
} from "./figures.js";
import { DEFAULT_SAMPLING, type Sampling } from "./intervals.js";
import { type Columns, inFixedOrder, type LabelledAssessment, observe, selectLines } from "./observations.js";
import { precisionRecallCurve } from "./ranking.js";
import { reliabilityBins } from "./reliability.js";
import { type EvaluationReport, FEWEST_GROUP_LINES, type GroupReport, type ScoreCurves } from "./report.js";

/**
 * Measures assessments against what is right. Lines may have any of the three kinds of labels; what they do not have is
 * not measured. The same lines in any order, with the same seed, give the same report.
 *
 * Recall, precision, overlooked, false alarms, accuracy and kappa judge the decided level, with rules and policy; AUROC,
 * recall at a share of false alarms, calibration and the curves judge the probabilities alone.
 *
 * @throws EarshotError `LABEL_INVALID` for a label that is none
 */
export async function evaluate(
  labelled: AsyncIterable<LabelledAssessment> | Iterable<LabelledAssessment>,
  sampling: Sampling = DEFAULT_SAMPLING,
): Promise<EvaluationReport> {
  const observations = await observe(labelled);
  const columns = inFixedOrder(observations.columns);
  const withLevel = levelLines(columns);
  const scored = scoredLines(columns);
  const categoryLines = linesWithLabels(columns, "categories").level.length;
  const signalLines = linesWithLabels(columns, "signals").level.length;
  return {
    schemaVersion: 1,
    lines: columns.level.length,
    labelled: { urgency: withLevel.level.length, categories: categoryLines, signals: signalLines },
    withoutScores: columns.immediate.filter(Number.isNaN).length,
    ...(observations.pack !== undefined && { pack: observations.pack }),
    ...(observations.policy !== undefined && { policy: observations.policy }),
    sampling,
    ...(withLevel.level.length > 0 && { levels: countLevels(withLevel) }),
    figures: measureFigures(columns, sampling),
    ...(withLevel.level.length > 0 && { confusion: confusionOf(withLevel) }),
    ...(categoryLines > 0 && { categories: measureLabels(columns, "categories", sampling) }),
    ...(signalLines > 0 && { signals: measureLabels(columns, "signals", sampling) }),
    ...(scored.level.length > 0 && {
      curves: {
        immediate: curves(scored.immediate, isAtLeast(scored, 0)),
        urgentOrAbove: curves(scored.urgent, isAtLeast(scored, 1)),
      },
    }),
    languages: measureGroups(columns, "language", observations.languages, sampling),
    slices: measureGroups(columns, "slice", observations.slices, sampling),
  };
}

function countLevels({ trueLevel }: Columns): Record<Urgency, number> {
  const counts = URGENCIES.map((level, rank) => [level, trueLevel.filter((place) => place === rank).length]);
  return Object.fromEntries(counts);
}

function curves(scores: Float64Array, happened: Uint8Array): ScoreCurves {
  return {
    reliability: reliabilityBins(scores, happened),
    precisionRecall: precisionRecallCurve(scores, happened),
  };
}

/** Each group by itself, in the order of its name. */
function measureGroups(
  columns: Columns,
  by: "language" | "slice",
  names: readonly string[],
  sampling: Sampling,
): readonly GroupReport[] {
  const sorted = [...names.entries()].sort(([, left], [, right]) => (left < right ? -1 : 1));
  return sorted.map(([place, id]) => {
    const group = selectLines(columns, (line) => columns[by][line] === place);
    const lines = group.level.length;
    if (lines < FEWEST_GROUP_LINES) return { id, lines, tooFew: true };
    return { id, lines, figures: measureFigures(group, sampling) };
  });
}
