import { CATEGORIES, SIGNALS, URGENCIES } from "../labels.js";
import { type ConfusionMatrix, confusionMatrix, countWithin, quadraticKappa } from "./agreement.js";
import { bootstrap, type Estimate, proportion, type Sampling } from "./intervals.js";
import { countLabels, labelF1, macroF1 } from "./label-sets.js";
import { type Columns, selectLines } from "./observations.js";
import { areaUnderCurve, orderByScore, recallAtFalseAlarms } from "./ranking.js";
import { calibrationError } from "./reliability.js";

/** What each figure says, in the order in which they are shown. */
export const FIGURES = {
  recallImmediate: "recall of immediate",
  precisionImmediate: "precision of immediate",
  recallUrgentOrAbove: "recall of urgent or above",
  precisionUrgentOrAbove: "precision of urgent or above",
  overlooked: "overlooked: immediate put at soon or routine",
  falseAlarms: "false alarms: routine put at urgent or above",
  accuracy: "accuracy of the level",
  kappa: "quadratic kappa of the level",
  aurocImmediate: "AUROC of immediate",
  aurocUrgentOrAbove: "AUROC of urgent or above",
  recallAt1PercentFalseAlarms: "recall of immediate at 1% false alarms",
  recallAt5PercentFalseAlarms: "recall of immediate at 5% false alarms",
  calibrationErrorImmediate: "calibration error of immediate",
  calibrationErrorUrgentOrAbove: "calibration error of urgent or above",
  categoryMacroF1: "categories: macro-F1",
  signalMacroF1: "signals: macro-F1",
} as const;
/** Name of a figure. */
export type FigureName = keyof typeof FIGURES;
/** Figures of a set of lines; those that its labels cannot give are left out. */
export type Figures = Readonly<Partial<Record<FigureName, Estimate>>>;

/** How one label was recognised. */
export interface LabelFigures {
  readonly label: string;
  /** Lines labelled with it. */
  readonly n: number;
  readonly precision?: Estimate;
  readonly recall?: Estimate;
  readonly f1?: Estimate;
}

/** Lines with a true level. */
export function levelLines(columns: Columns): Columns {
  return selectLines(columns, (line) => !Number.isNaN(columns.trueLevel[line]));
}

/** Lines with a true level and with scores. */
export function scoredLines(columns: Columns): Columns {
  return selectLines(
    columns,
    (line) => !Number.isNaN(columns.trueLevel[line]) && !Number.isNaN(columns.immediate[line]),
  );
}

/** 1 for each line whose true level is at most this many places from the gravest. */
export function isAtLeast(columns: Columns, rank: number): Uint8Array {
  return Uint8Array.from(columns.trueLevel, (level) => (level <= rank ? 1 : 0));
}

/** All figures of a set of lines. */
export function measureFigures(columns: Columns, sampling: Sampling): Figures {
  return withoutUndefined<Partial<Record<FigureName, Estimate>>>({
    ...levelFigures(levelLines(columns), sampling),
    ...scoreFigures(scoredLines(columns), sampling),
    categoryMacroF1: macroEstimate(columns, "categories", sampling),
    signalMacroF1: macroEstimate(columns, "signals", sampling),
  });
}

/** How many lines of each true level were given each level. */
export function confusionOf(columns: Columns): ConfusionMatrix {
  return confusionMatrix(columns.trueLevel, columns.level, new Uint8Array(columns.level.length).fill(1));
}

/** What the decided levels give: rules and policy included. */
function levelFigures(columns: Columns, sampling: Sampling): Partial<Record<FigureName, Estimate | undefined>> {
  const { trueLevel, level } = columns;
  const matrix = confusionOf(columns);
  const all = URGENCIES.length;
  const [immediate, , , routine] = matrix;
  const row = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
  const [kappa] = bootstrap(
    trueLevel.length,
    (counts) => [quadraticKappa(confusionMatrix(trueLevel, level, counts))],
    sampling,
  );
  return {
    recallImmediate: proportion(countWithin(matrix, 1, 1), countWithin(matrix, 1, all)),
    precisionImmediate: proportion(countWithin(matrix, 1, 1), countWithin(matrix, all, 1)),
    recallUrgentOrAbove: proportion(countWithin(matrix, 2, 2), countWithin(matrix, 2, all)),
    precisionUrgentOrAbove: proportion(countWithin(matrix, 2, 2), countWithin(matrix, all, 2)),
    overlooked: proportion(immediate[2] + immediate[3], row(immediate)),
    falseAlarms: proportion(routine[0] + routine[1], row(routine)),
    accuracy: proportion(
      matrix.reduce((sum, counts, rank) => sum + counts[rank], 0),
      trueLevel.length,
    ),
    kappa,
  };
}

/** What the probabilities give, before thresholds and rules. */
function scoreFigures(columns: Columns, sampling: Sampling): Partial<Record<FigureName, Estimate | undefined>> {
  const { immediate, urgent } = columns;
  const isImmediate = isAtLeast(columns, 0);
  const isUrgent = isAtLeast(columns, 1);
  const immediateOrder = orderByScore(immediate);
  const urgentOrder = orderByScore(urgent);
  const estimates = bootstrap(
    immediate.length,
    (counts) => [
      areaUnderCurve(immediate, isImmediate, immediateOrder, counts),
      areaUnderCurve(urgent, isUrgent, urgentOrder, counts),
      recallAtFalseAlarms(immediate, isImmediate, immediateOrder, counts, 0.01),
      recallAtFalseAlarms(immediate, isImmediate, immediateOrder, counts, 0.05),
      calibrationError(immediate, isImmediate, counts),
      calibrationError(urgent, isUrgent, counts),
    ],
    sampling,
  );
  return {
    aurocImmediate: estimates[0],
    aurocUrgentOrAbove: estimates[1],
    recallAt1PercentFalseAlarms: estimates[2],
    recallAt5PercentFalseAlarms: estimates[3],
    calibrationErrorImmediate: estimates[4],
    calibrationErrorUrgentOrAbove: estimates[5],
  };
}

/** Labels of one kind that several lines may have at once. */
export type LabelKind = "categories" | "signals";

const LABELS = { categories: CATEGORIES, signals: SIGNALS } as const;
const TRUTH = { categories: "trueCategories", signals: "trueSignals" } as const;

/** Lines that say which labels of a kind are right. */
export function linesWithLabels(columns: Columns, kind: LabelKind): Columns {
  const truth = columns[TRUTH[kind]];
  return selectLines(columns, (line) => !Number.isNaN(truth[line]));
}

function macroEstimate(columns: Columns, kind: LabelKind, sampling: Sampling): Estimate | undefined {
  const lines = linesWithLabels(columns, kind);
  const [macro] = bootstrap(lines.level.length, (counts) => [macroF1(countsOf(lines, kind, counts))], sampling);
  return macro;
}

/** The figures of each label of a kind that occurs, labelled or given. */
export function measureLabels(columns: Columns, kind: LabelKind, sampling: Sampling): readonly LabelFigures[] {
  const lines = linesWithLabels(columns, kind);
  const total = countsOf(lines, kind, new Uint8Array(lines.level.length).fill(1));
  const f1 = bootstrap(lines.level.length, (counts) => countsOf(lines, kind, counts).map(labelF1), sampling);
  return total.flatMap(({ found, added, missed }, label) => {
    const figures: Omit<LabelFigures, "label" | "n"> = withoutUndefined({
      precision: proportion(found, found + added),
      recall: proportion(found, found + missed),
      f1: f1[label],
    });
    return found + added + missed === 0 ? [] : [{ label: LABELS[kind][label], n: found + missed, ...figures }];
  });
}

function countsOf(lines: Columns, kind: LabelKind, counts: ArrayLike<number>) {
  return countLabels(LABELS[kind].length, lines[TRUTH[kind]], lines[kind], counts);
}

function withoutUndefined<Known extends object>(record: { [Key in keyof Known]: Known[Key] | undefined }): Known {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Known;
}
