export { type ConfusionMatrix, confusionMatrix, quadraticKappa } from "./agreement.js";
export {
  type CalibrateOptions,
  type CalibrationReport,
  calibrate,
  FEWEST_CALIBRATION_LINES,
  type LevelCalibration,
} from "./calibrate.js";
export { type ChosenLevel, policyForCalibration } from "./calibrated-policy.js";
export type { CalibrationTarget } from "./choose.js";
export { evaluate } from "./evaluate.js";
export { FIGURES, type FigureName, type Figures, type LabelFigures } from "./figures.js";
export { bootstrap, DEFAULT_SAMPLING, type Estimate, proportion, type Sampling } from "./intervals.js";
export { countLabels, type LabelCounts, labelF1, macroF1 } from "./label-sets.js";
export type { LabelledAssessment, TrueLabels } from "./observations.js";
export {
  areaUnderCurve,
  type Column,
  type CurvePoint,
  orderByScore,
  precisionRecallCurve,
  recallAtFalseAlarms,
} from "./ranking.js";
export { calibrationError, type ReliabilityBin, reliabilityBins } from "./reliability.js";
export { type EvaluationReport, FEWEST_GROUP_LINES, type GroupReport, type ScoreCurves } from "./report.js";
