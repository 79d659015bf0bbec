import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { EarshotError } from "../errors.js";
import { type Answers, answersForm, openBlanks } from "../evidence/blanks.js";
import { createEvidence } from "../evidence/evidence.js";
import type { EvidenceFile, EvidenceInputs } from "../evidence/facts.js";
import { readAnswers } from "../evidence/read-reports.js";
import { type EvidenceFormat, FILE_ENDINGS, renderDocument } from "../evidence/render.js";
import { bundledFolder, loadPack } from "../model/pack.js";
import { DEFAULT_POLICY } from "../policy/schema.js";
import { parsePolicy } from "../policy/validate.js";
import { BUNDLED_DIRECTORY } from "../referral/bundled.js";
import { readDirectoryFile, readText } from "./directory-file.js";
import { writeResult } from "./output-file.js";
import { readPolicyFile } from "./policy-file.js";
import { programVersion } from "./program-version.js";
import { EXIT } from "./score.js";

/** Options of `earshot evidence`, as the command line gives them. */
export interface EvidenceCommandOptions {
  readonly output: string;
  readonly format: EvidenceFormat;
  readonly pack?: string;
  readonly policy?: string;
  readonly directory?: string;
  readonly evaluation?: string;
  readonly audit?: string;
  readonly simulation?: string;
  readonly organisation?: string;
  /** `YYYY-MM-DD`; today (UTC) when absent. */
  readonly date?: string;
}

/** The answers so far, with every blank, to be filled in and given to `--organisation`. */
const FORM = "organisation.json";

/**
 * Writes the documents into a folder; returns the exit code. Nothing is written when one of the files is there already,
 * because somebody may have filled it in by hand.
 *
 * @throws EarshotError `OUTPUT_EXISTS`, `OUTPUT_FAILED`, `EVIDENCE_INVALID`, `ORGANISATION_INVALID`, `FILE_NOT_READABLE`, and
 *   as the readers of packs, policies and directories do
 */
export function evidence(options: EvidenceCommandOptions): number {
  const { output, format, organisation } = options;
  const answers = organisation === undefined ? {} : readAnswers(readText(organisation));
  const documents = createEvidence(readInputs(options, answers));
  const files = documents.map((document) => ({
    name: `${document.id}.${FILE_ENDINGS[format]}`,
    text: renderDocument(document, format),
  }));
  writeNewFiles(output, [...files, { name: FORM, text: answersForm(answers) }]);
  const lines = documents.map(({ markdown }, at) => `${files[at].name}: ${openBlanks(markdown).length} to fill in`);
  writeResult(lines.join("\n"), undefined);
  return EXIT.done;
}

function readInputs(options: EvidenceCommandOptions, answers: Answers): EvidenceInputs {
  const { pack = bundledFolder(), policy, directory, evaluation, audit, simulation, date } = options;
  // Also checks that the files of the pack are the ones that the manifest lists.
  const { manifest } = loadPack(pack);
  const card = join(pack, "MODEL_CARD.md");
  return {
    date: date ?? new Date().toISOString().slice(0, "YYYY-MM-DD".length),
    program: programVersion(),
    manifest,
    manifestFile: readFile(join(pack, "manifest.json")),
    ...(existsSync(card) && { card: readFile(card) }),
    policy: policy === undefined ? DEFAULT_POLICY : parsePolicy(readPolicyFile(policy)),
    ...(policy !== undefined && { policyFile: readFile(policy) }),
    directory: directory === undefined ? BUNDLED_DIRECTORY : readDirectoryFile(directory),
    ...(directory !== undefined && { directoryFile: readFile(directory) }),
    ...(evaluation !== undefined && { evaluation: readFile(evaluation) }),
    ...(audit !== undefined && { audit: readFile(audit) }),
    ...(simulation !== undefined && { simulation: readFile(simulation) }),
    answers,
  };
}

function readFile(path: string): EvidenceFile {
  return { name: basename(path), text: readText(path) };
}

function writeNewFiles(folder: string, files: readonly { readonly name: string; readonly text: string }[]): void {
  if (files.some(({ name }) => existsSync(join(folder, name)))) throw new EarshotError("OUTPUT_EXISTS");
  try {
    mkdirSync(folder, { recursive: true });
    // Not over a file that came to be in the meantime either.
    for (const { name, text } of files) writeFileSync(join(folder, name), text, { flag: "wx" });
  } catch {
    throw new EarshotError("OUTPUT_FAILED");
  }
}
