import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Subject } from "../benchmark/subject.js";
import { runWorker } from "../benchmark/worker.js";
import { EarshotError } from "../errors.js";
import { loadPack } from "../model/pack.js";
import { createScorer } from "../model/scorer.js";
import type { TextModel } from "../model/text-model.js";
import { decide } from "../policy/decide.js";
import { DEFAULT_POLICY } from "../policy/schema.js";
import { createTriage } from "../triage.js";
import { openModelFile, readModelFile } from "./model-file.js";

/** What can be measured: all that is done for a message, the first stage of a pack by itself, or an outside model. */
const SUBJECTS: Readonly<Record<SubjectKind, (path: string) => Promise<Subject>>> = {
  pack: openPack,
  "first-stage": openFirstStage,
  model: openOutsideModel,
};
/** A kind of subject. */
export type SubjectKind = "pack" | "first-stage" | "model";

/** Runs as a worker of `earshot bench`: `path` is the folder of a pack, or a model file. */
export async function benchWorker(kind: string, path: string): Promise<void> {
  await runWorker(async () => {
    if (!Object.hasOwn(SUBJECTS, kind)) throw new EarshotError("INPUT_INVALID");
    return SUBJECTS[kind as SubjectKind](path);
  });
}

async function openPack(folder: string): Promise<Subject> {
  const pack = loadPack(folder);
  const { name, version, files } = pack.manifest;
  const triage = await createTriage({ pack });
  return {
    name: `${name}@${version}`,
    modelBytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    score: (message) => triage.assess(message),
    level: async (message) => (await triage.assess(message)).urgency,
    close: () => triage.close(),
  };
}

async function openFirstStage(folder: string): Promise<Subject> {
  const pack = loadPack(folder);
  const { name, version, files, linear, language, rules } = pack.manifest;
  const used = new Set([linear.file, language.file, rules.file]);
  const scorer = createScorer(pack);
  return {
    name: `${name}@${version}, first stage`,
    modelBytes: files.filter(({ path }) => used.has(path)).reduce((sum, { bytes }) => sum + bytes, 0),
    score: (message) => scorer.score(message, 0, message.length),
    close: async () => {},
  };
}

async function openOutsideModel(path: string): Promise<Subject> {
  const file = readModelFile(path);
  const model = await openModelFile(file);
  return {
    name: model.name,
    modelBytes: folderBytes(file.folder),
    score: (message) => model.score(message, 0, message.length),
    level: (message) => levelBy(model, message),
    close: () => model.close(),
  };
}

async function levelBy(model: TextModel, message: Uint8Array): ReturnType<NonNullable<Subject["level"]>> {
  const { scores } = await model.score(message, 0, message.length);
  const input = { scores, defaults: model.thresholds, ruleCategories: [], ruleSignals: [], review: [] };
  return decide(input, DEFAULT_POLICY).urgency;
}

function folderBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => statSync(join(folder, name)))
    .filter((entry) => entry.isFile())
    .reduce((sum, { size }) => sum + size, 0);
}
