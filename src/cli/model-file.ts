import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { EarshotError } from "../errors.js";
import {
  createTransformersModel,
  type LabelMap,
  type TransformersLibrary,
  type TransformersModel,
} from "../transformers/index.js";

/** A model of somebody else's, as a JSON file describes it for the commands. */
export interface ModelFile {
  readonly library: "@huggingface/transformers" | "@xenova/transformers";
  /** Of the model, seen from the file. */
  readonly folder: string;
  readonly quantized?: boolean;
  readonly maximumTokens?: number;
  readonly labelMap: LabelMap;
}

/** Loaded only for those who ask for them; neither comes with Earshot. */
const LIBRARIES: Readonly<Record<ModelFile["library"], () => Promise<TransformersLibrary>>> = {
  "@huggingface/transformers": () => import("@huggingface/transformers"),
  "@xenova/transformers": () => import("@xenova/transformers"),
};

/**
 * Reads a model file.
 *
 * @throws EarshotError `FILE_NOT_READABLE`; `LABEL_MAP_INVALID` when it is not what it should be
 */
export function readModelFile(path: string): ModelFile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    throw new EarshotError("FILE_NOT_READABLE");
  }
  let file: Partial<ModelFile> | null;
  try {
    file = JSON.parse(text);
  } catch {
    throw new EarshotError("LABEL_MAP_INVALID");
  }
  const { library, folder, quantized, maximumTokens, labelMap } = file ?? {};
  const isKnown = library !== undefined && Object.hasOwn(LIBRARIES, library);
  const isRight =
    typeof folder === "string" &&
    (quantized === undefined || typeof quantized === "boolean") &&
    (maximumTokens === undefined || typeof maximumTokens === "number");
  // What the label map holds is checked where it is used.
  if (!isKnown || !isRight || labelMap === undefined) throw new EarshotError("LABEL_MAP_INVALID");
  return {
    library,
    folder: resolve(dirname(path), folder),
    labelMap,
    ...(quantized !== undefined && { quantized }),
    ...(maximumTokens !== undefined && { maximumTokens }),
  };
}

/**
 * Loads the model that a file describes.
 *
 * @throws EarshotError as `createTransformersModel`
 */
export function openModelFile({ library, ...options }: ModelFile): Promise<TransformersModel> {
  return createTransformersModel({ ...options, library: LIBRARIES[library] });
}
