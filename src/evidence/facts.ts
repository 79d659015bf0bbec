import { createHash } from "node:crypto";
import { describeSubject } from "../audit/report.js";
import type { Manifest } from "../model/manifest.js";
import type { Policy } from "../policy/schema.js";
import type { ReferralDirectory } from "../referral/schema.js";
import { type Answers, type BlankName, blankMark } from "./blanks.js";
import { quoted } from "./markdown.js";
import {
  type Audit,
  type Evaluation,
  readAudit,
  readEvaluation,
  readSimulation,
  type Simulation,
} from "./read-reports.js";

/** A file as it was read. */
export interface EvidenceFile {
  /** Without its folder, which may tell something about the machine. */
  readonly name: string;
  readonly text: string;
}

/** All that documents are filled from. What is left out is shown as missing. */
export interface EvidenceInputs {
  /** `YYYY-MM-DD` that stands on the documents. */
  readonly date: string;
  /** Version of the program. */
  readonly program: string;
  readonly manifest: Manifest;
  readonly manifestFile: EvidenceFile;
  /** `MODEL_CARD.md` of the pack. */
  readonly card?: EvidenceFile;
  readonly policy: Policy;
  /** Absent when the policy is the default one. */
  readonly policyFile?: EvidenceFile;
  readonly directory: ReferralDirectory;
  /** Absent when the directory is the bundled one. */
  readonly directoryFile?: EvidenceFile;
  /** What `earshot evaluate`, `audit` and `simulate` wrote with `--format json`. */
  readonly evaluation?: EvidenceFile;
  readonly audit?: EvidenceFile;
  readonly simulation?: EvidenceFile;
  readonly answers: Answers;
}

/** What a report says, with the words that name its source; or the sentence that stands in its place. */
export type Finding<Report> =
  | { readonly report: Report; readonly source: string; readonly missing?: never }
  | { readonly missing: string; readonly missingFigure: string };

/** Where figures come from. */
export interface Source {
  readonly name: string;
  readonly madeBy: string;
  /** Hexadecimal; absent for what is built into the program. */
  readonly sha256?: string;
}

/** What the templates are filled from. */
export interface Facts extends Pick<EvidenceInputs, "date" | "program" | "manifest" | "policy" | "directory"> {
  /** `name@version`. */
  readonly pack: string;
  readonly policyName: string;
  readonly policySource: string;
  /** The model card, word for word. */
  readonly card?: string;
  readonly evaluation: Finding<Evaluation>;
  readonly audit: Finding<Audit>;
  readonly simulation: Finding<Simulation>;
  readonly sources: readonly Source[];
  /** The helpline's answer, or the mark of a blank. */
  readonly fill: (name: BlankName) => string;
}

const COMMANDS = {
  evaluation: {
    option: "--evaluation",
    command: "earshot evaluate FILE --format json --output evaluation.json",
  },
  audit: { option: "--audit", command: "earshot audit --format json --output audit.json" },
  simulation: {
    option: "--simulation",
    command: "earshot simulate SCENARIO --format json --output simulation.json",
  },
} as const;
type ReportName = keyof typeof COMMANDS;

/**
 * Reads the reports and decides what of them counts. An evaluation or an audit of another pack, policy or version does not:
 * its figures would stand under the wrong name.
 *
 * @throws EarshotError `EVIDENCE_INVALID`
 */
export function collectFacts(inputs: EvidenceInputs): Facts {
  const { manifest, manifestFile, card, policy, policyFile, directory, directoryFile, answers } = inputs;
  const pack = `${manifest.name}@${manifest.version}`;
  const policyName = `${policy.name}@${policy.version}`;
  return {
    date: inputs.date,
    program: inputs.program,
    manifest,
    policy,
    directory,
    pack,
    policyName,
    policySource: policyFile === undefined ? "default policy of the program" : quoted(policyFile.name),
    ...(card && { card: card.text }),
    evaluation: measuredWith(find("evaluation", inputs.evaluation, readEvaluation), pack, policyName),
    audit: auditOf(find("audit", inputs.audit, readAudit), inputs.program, pack),
    simulation: find("simulation", inputs.simulation, readSimulation),
    sources: [
      sourceOf(manifestFile, "came with the pack"),
      ...(card === undefined ? [] : [sourceOf(card, "came with the pack")]),
      policyFile === undefined
        ? { name: policyName, madeBy: "built into the program" }
        : sourceOf(policyFile, "given with `--policy`"),
      directoryFile === undefined
        ? { name: `${directory.name}@${directory.version}`, madeBy: "built into the program" }
        : sourceOf(directoryFile, "given with `--directory`"),
      ...(["evaluation", "audit", "simulation"] as const).flatMap((name) => {
        const file = inputs[name];
        return file === undefined ? [] : [sourceOf(file, `\`${COMMANDS[name].command}\``)];
      }),
    ],
    fill: (name) => {
      const answer = answers[name]?.trim();
      return answer ? quoted(answer) : blankMark(name);
    },
  };
}

function find<Report>(
  name: ReportName,
  file: EvidenceFile | undefined,
  read: (json: string) => Report,
): Finding<Report> {
  const { command, option } = COMMANDS[name];
  if (file === undefined)
    return {
      missing: `**Not measured:** run \`${command}\` and give the file with \`${option}\`.`,
      missingFigure: `**not measured**: run \`${nameOf(command)}\``,
    };
  return { report: read(file.text), source: `${quoted(file.name)}, \`${nameOf(command)}\`` };
}

function measuredWith(finding: Finding<Evaluation>, pack: string, policy: string): Finding<Evaluation> {
  if (finding.missing !== undefined) return finding;
  const { report, source } = finding;
  if (report.pack === pack && report.policy === policy) return finding;
  const [otherPack, otherPolicy] = [report.pack, report.policy].map((name) => quoted(name ?? "not stated"));
  return {
    missing:
      `**Not measured for this pack and policy:** the figures of the file that was given (${source}) were made with ` +
      `pack ${otherPack} and policy ${otherPolicy}. Run \`${COMMANDS.evaluation.command}\` again.`,
    missingFigure: `**not measured for this pack and policy**: run \`${nameOf(COMMANDS.evaluation.command)}\` again`,
  };
}

/** A quick audit leaves scripts and sizes out, and one of another program or pack says nothing of this one. */
function auditOf(finding: Finding<Audit>, program: string, pack: string): Finding<Audit> {
  if (finding.missing !== undefined) return finding;
  const { subject } = finding.report;
  if (subject !== undefined && subject.version === program && subject.pack === pack && !subject.quick) return finding;
  const audited = quoted(subject === undefined ? "a program that the file does not name" : describeSubject(subject));
  return {
    missing:
      `**Not verified for this program and pack:** the file that was given (${finding.source}) is an audit of ${audited}. ` +
      `Run \`${COMMANDS.audit.command}\` again.`,
    missingFigure: `**not verified for this program and pack**: run \`${nameOf(COMMANDS.audit.command)}\` again`,
  };
}

/** `earshot evaluate` of a whole command line. */
function nameOf(command: string): string {
  return command.split(" ", 2).join(" ");
}

function sourceOf({ name, text }: EvidenceFile, madeBy: string): Source {
  return { name: quoted(name), madeBy, sha256: createHash("sha256").update(text).digest("hex") };
}
