export type { TextModel, TextScores } from "../model/text-model.js";
export { type LabelMap, type LabelMeaning, parseLabelMap, type Shares } from "./label-map.js";
export type { TransformersLibrary } from "./library.js";
export {
  createTransformersModel,
  TRANSFORMERS_LIMITS,
  type TransformersModel,
  type TransformersModelOptions,
} from "./transformers-model.js";
