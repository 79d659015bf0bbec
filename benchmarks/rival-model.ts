import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeModelFolder } from "./distilbert/folder.js";
import { DISTILBERT } from "./distilbert/graph.js";
import { frequentPieces } from "./word-piece.js";

/** Where it lies; git ignores it. */
const FOLDER = fileURLToPath(new URL("build/distilbert/", import.meta.url));
const LABELS = ["risk", "none"];

/** The folder of the rival, and a file that describes it for `earshot bench --model`. */
export interface RivalModel {
  readonly folder: string;
  readonly modelFile: string;
}

/** Makes a model as large as DistilBERT, with 8-bit random weights, unless it is there already. */
export function buildRivalModel(): RivalModel {
  const modelFile = join(FOLDER, "model.json");
  if (!existsSync(modelFile)) {
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
    writeModelFolder(FOLDER, { size: DISTILBERT, pieces: frequentPieces(), labels: LABELS });
    const [risk, none] = LABELS;
    const labels = { [risk]: { urgency: { immediate: 0.5, urgent: 0.5 } }, [none]: {} };
    const labelMap = { schemaVersion: 1, name: "distilbert-adapter", version: "1.0.0", labels };
    // Last, so that a folder that is only half there is made again.
    writeFileSync(modelFile, JSON.stringify({ library: "@huggingface/transformers", folder: ".", labelMap }));
  }
  return { folder: FOLDER, modelFile };
}
