import {
  AUDIT_PROMISES,
  type AuditCheck,
  type AuditLine,
  type AuditSubject,
  createAuditLine,
} from "../../src/audit/report.js";
import { FIGURES } from "../../src/evaluation/figures.js";
import { INTERVAL_NOTE } from "../../src/evaluation/report.js";
import type { EvidenceDocument } from "../../src/evidence/document.js";
import type { EvidenceFile, EvidenceInputs } from "../../src/evidence/facts.js";
import type { Manifest } from "../../src/model/manifest.js";
import { DEFAULT_POLICY } from "../../src/policy/schema.js";
import type { ReferralDirectory } from "../../src/referral/schema.js";
import { LIMITS } from "../../src/simulation/report.js";
import { tinyPack } from "../support/tiny-pack.js";

const PROGRAM = "0.1.77";

/** A pack of nobody, whose numbers are not those of any other example. */
export const MANIFEST: Manifest = {
  ...tinyPack([]).manifest,
  name: "example",
  version: "7.8.9",
  languages: [
    { tag: "en", trainingTexts: 3111, developmentTexts: 217, kappa: 0.613 },
    { tag: "sw", trainingTexts: 457, developmentTexts: 0, kappa: null },
  ],
  trainingData: [{ name: "Earshot authored messages", licence: "CC-BY-4.0", texts: 3568 }],
};

const estimate = (value: number, low: number, high: number, n: number) => ({ value, low, high, n });

/** What `earshot evaluate` might have written of it. */
export const EVALUATION = {
  schemaVersion: 1,
  lines: 331,
  rejected: 2,
  labelled: { urgency: 331, categories: 0, signals: 0 },
  withoutScores: 0,
  pack: "example@7.8.9",
  policy: `${DEFAULT_POLICY.name}@${DEFAULT_POLICY.version}`,
  sampling: { seed: 6, resamples: 123 },
  figures: {
    overlooked: estimate(0.07692307692307693, 0.02654145, 0.2030245, 39),
    recallImmediate: estimate(0.8205128205128205, 0.672901, 0.910182, 39),
    falseAlarms: estimate(0.1043956043956044, 0.067812, 0.157431, 182),
  },
  languages: [
    { id: "en", lines: 319, figures: { overlooked: estimate(0.0810810810810811, 0.027976, 0.213004, 37) } },
    { id: "sw", lines: 12, tooFew: true },
  ],
  slices: [],
};

/** Lines of an audit in which the named checks did not pass. */
export function auditOf(
  statuses: Partial<Record<AuditCheck, AuditLine["status"]>> = {},
  subject: Partial<AuditSubject> = {},
) {
  return {
    schemaVersion: 1,
    startedAt: "2026-10-19T18:17:16.151Z",
    seconds: 14.2,
    surroundings: { platform: "linux", architecture: "x64", kernel: "6.44.2", node: "22.71.3", command: ["node"] },
    subject: { program: "earshot score", version: PROGRAM, pack: "example@7.8.9", quick: false, ...subject },
    status: "PASS",
    lines: (Object.keys(AUDIT_PROMISES) as AuditCheck[]).map((id) =>
      createAuditLine(id, { status: statuses[id] ?? "PASS", figure: { copies: 0, scans: 58 } }),
    ),
  };
}

const waits = (minutes: number) => {
  const value = { value: minutes, low: minutes - 0.5, high: minutes + 0.5 };
  return { people: value, mean: value, median: value, p95: value, withinTarget: value, longest: value };
};

const SIMULATION = {
  schemaVersion: 1,
  name: "A night | <b>with</b> 4 counsellors",
  notes: ["Assumed: 61 people."],
  seed: 33,
  replications: 27,
  targets: { immediate: 5, urgent: 60, soon: 120, routine: 240 },
  levels: {
    "first-come": { immediate: waits(41.73) },
    strict: { immediate: waits(12.64) },
    earshot: { immediate: waits(13.55) },
  },
};

const DIRECTORY: ReferralDirectory = {
  name: "helplines",
  version: "2026.10.1",
  generated: "2026-10-01",
  note: "Nobody dialled them.",
  entries: [],
};

/** A file of a report. */
export function reportFile(name: string, report: unknown): EvidenceFile {
  return { name, text: JSON.stringify(report) };
}

/** Everything given. */
export function fullInputs(changes: Partial<EvidenceInputs> = {}): EvidenceInputs {
  return {
    ...bareInputs(),
    card: { name: "MODEL_CARD.md", text: "# Model card: example 7.8.9\n\nAUROC 0.9412, n=731\n" },
    evaluation: reportFile("evaluation.json", EVALUATION),
    audit: reportFile("audit.json", auditOf()),
    simulation: reportFile("simulation.json", SIMULATION),
    ...changes,
  };
}

/** Only what is always there. */
export function bareInputs(changes: Partial<EvidenceInputs> = {}): EvidenceInputs {
  return {
    date: "2026-11-02",
    program: PROGRAM,
    manifest: MANIFEST,
    manifestFile: reportFile("manifest.json", MANIFEST),
    policy: DEFAULT_POLICY,
    directory: DIRECTORY,
    answers: {},
    ...changes,
  };
}

/** References to laws and the like, and words with a number in them that say nothing about anything measured. */
const NO_FIGURES: readonly RegExp[] = [
  /\(EU\)\s\d{4}\/\d+/g,
  /\bArticles?\s\d+(?:\(\w+\))*(?:(?:,|\sand|\sto|;\sArticles)\s(?:\d+|\(\w+\))(?:\(\w+\))*)*/g,
  /\b(?:Recital|Annex|section|No\.)\s(?:\d+|[IVX]+)/g,
  /points?\s(?:5\(d\)|1 to 9)/g,
  /WP\s248\srev\.01|C-634\/21|UTF-8|minutes of 95 in 100/g,
  /\b2\([a-h]\)/g,
  /SHA-256 [0-9a-f]{64}/g,
  /^#+ \d+\. /gm,
  /\*\*\d+ points? for you to fill in\.\*\*/g,
  /a child of (?:9|13|16)\b/g,
];

/** Numbers of a document that occur in none of the files that it was filled from, neither as they are nor rounded. */
export function strangeNumbers({ markdown }: Pick<EvidenceDocument, "markdown">, inputs: EvidenceInputs): string[] {
  const texts = [JSON.stringify(inputs), INTERVAL_NOTE, ...LIMITS, ...Object.values(FIGURES)];
  const files = [inputs.evaluation, inputs.audit, inputs.simulation].map((file) => file?.text ?? "");
  const known = new Set([...texts, ...files].flatMap(numbersOf));
  // As figures and minutes are rounded.
  for (const number of files.flatMap(numbersOf))
    for (const decimals of [1, 3]) known.add(Number(number).toFixed(decimals));
  known.add(`${inputs.directory.entries.length}`);
  const text = NO_FIGURES.reduce((rest, pattern) => rest.replace(pattern, " "), markdown);
  return numbersOf(text).filter((number) => !known.has(number));
}

function numbersOf(text: string): string[] {
  return text.match(/\d+(?:[.,]\d+)*/g) ?? [];
}
