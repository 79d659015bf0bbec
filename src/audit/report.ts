import { EarshotError } from "../errors.js";

/** The checks of an audit, in the order of the report, with what each one promises in a sentence for laypeople. */
export const AUDIT_PROMISES = {
  residue: "After a message is answered, no part of it can be found in the memory of the program.",
  output: "The answers and the log of the program never repeat what a message said.",
  network: "The program opens no network connection and asks no name service.",
  files: "The program creates no file and writes to none.",
  writes: "The program hands no part of a message to the operating system to be written or sent.",
  swap: "The memory of this machine is not copied to an unprotected disk.",
  core_dump: "A crash of the program leaves no copy of its memory.",
  inspector: "Nobody on this machine can switch on the debugger of the program.",
  node_options: "No setting of the environment makes Node.js write files, load other code or open a debugger.",
  node_version: "The program runs on a version of Node.js for which these promises were measured.",
  model_runtime: "The model runtime on this machine has no telemetry address built in.",
  pack: "The files of the model are exactly those that its manifest lists.",
} as const;

/** A check. */
export type AuditCheck = keyof typeof AUDIT_PROMISES;

/** Outcome of a check. `NOT_VERIFIED`: it could not be made here, or its control shows that it would have seen nothing. */
export type AuditStatus = "PASS" | "FAIL" | "NOT_VERIFIED";

/** A deliberately broken program that the same check must catch. */
export interface AuditControl {
  readonly caught: boolean;
  readonly figure: string;
}

/** The outcome of one check. */
export interface AuditLine {
  readonly id: AuditCheck;
  readonly promise: string;
  readonly status: AuditStatus;
  /** What was measured: numbers and codes only, as `name=value` pairs. */
  readonly figure: string;
  readonly control?: AuditControl;
  /** What the same measurement finds when messages are handled as strings. It does not count towards the status. */
  readonly comparison?: string;
  /** Paths and addresses behind a failure. Audits send random words only, so that none of this comes from a person. */
  readonly evidence?: readonly string[];
}

/** Where and with what an audit was made. */
export interface AuditSurroundings {
  readonly platform: string;
  readonly architecture: string;
  /** Version of the operating system's kernel. */
  readonly kernel: string;
  readonly node: string;
  readonly command: readonly string[];
}

/** What was audited, and how thoroughly. */
export interface AuditSubject {
  /** The command. */
  readonly program: "earshot score" | "earshot serve";
  /** Of Earshot. */
  readonly version: string;
  /** `name@version` of the model pack. */
  readonly pack: string;
  /** Whether it was told to be quick: fewer scripts and sizes. */
  readonly quick: boolean;
}

/** A whole audit. */
export interface AuditReport {
  readonly schemaVersion: 1;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly seconds: number;
  readonly surroundings: AuditSurroundings;
  /** Absent when the audited program is none of Earshot's. */
  readonly subject?: AuditSubject;
  /** `FAIL` if one line failed, else `NOT_VERIFIED` if one could not be verified, else `PASS`. */
  readonly status: AuditStatus;
  readonly lines: readonly AuditLine[];
}

/** What a check found, before its control is taken into account. */
export interface AuditFinding {
  readonly status: AuditStatus;
  readonly figure: AuditFigure;
  readonly control?: { readonly caught: boolean; readonly figure: AuditFigure };
  readonly comparison?: AuditFigure;
  readonly evidence?: readonly string[];
}

/** Measured values by name. Text is allowed for codes, versions and hashes only. */
export type AuditFigure = Readonly<Record<string, number | boolean | string>>;

/** What an audit does not cover, whatever its outcome; part of every report. */
export const AUDIT_LIMITS: readonly string[] = [
  "It does not see the buffers of the kernel, the registers and caches of the processor, or a host that runs this machine as a guest.",
  "It does not look into the program that sends the messages, nor into other programs on this machine.",
  "It covers the models of packs. A model from elsewhere, through earshot/transformers, makes strings of a message, which nobody can wipe, and its library may print token numbers when it fails.",
  "It does not protect against someone who reads the memory while a message is being scored.",
  "Parts of fewer than eight characters, and runs of fewer than four token numbers, are not looked for.",
  "Submission rings (io_uring) are refused while the program is observed. A program that sends through nothing else would not be seen.",
  "The answer itself, its size and its timing say something about the message.",
  "It holds for this machine, this version and these settings. Repeat it after every change.",
];

const MOST_EVIDENCE = 20;

/** Builds a line. A check whose control was not caught would have missed a failure too, so that it cannot pass. */
export function createAuditLine(id: AuditCheck, finding: AuditFinding): AuditLine {
  const { control, comparison, evidence } = finding;
  const isBlind = control !== undefined && !control.caught && finding.status === "PASS";
  return {
    id,
    promise: AUDIT_PROMISES[id],
    status: isBlind ? "NOT_VERIFIED" : finding.status,
    figure: formatFigure(finding.figure),
    ...(control === undefined ? {} : { control: { caught: control.caught, figure: formatFigure(control.figure) } }),
    ...(comparison === undefined ? {} : { comparison: formatFigure(comparison) }),
    ...(evidence === undefined || evidence.length === 0 ? {} : { evidence: evidence.slice(0, MOST_EVIDENCE) }),
  };
}

/** Writes values as `name=value` pairs. Throws `INTERNAL` for text that is not a code, so that no prose slips in. */
export function formatFigure(figure: AuditFigure): string {
  return Object.entries(figure)
    .map(([name, value]) => {
      if (typeof value === "string" && !/^[\w.:+-]{1,100}$/.test(value)) throw new EarshotError("INTERNAL");
      const isFraction = typeof value === "number" && Number.isFinite(value) && !Number.isInteger(value);
      return `${name}=${isFraction ? value.toFixed(1) : value}`;
    })
    .join(" ");
}

/** The worst status of the lines. */
export function overallStatus(lines: readonly AuditLine[]): AuditStatus {
  if (lines.some(({ status }) => status === "FAIL")) return "FAIL";
  return lines.length > 0 && lines.every(({ status }) => status === "PASS") ? "PASS" : "NOT_VERIFIED";
}

/** The report as JSON, ending in a line feed. */
export function renderAuditJson(report: AuditReport): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

/** `earshot serve 0.1.0 with pack base@0.2.0, quick`. */
export function describeSubject({ program, version, pack, quick }: AuditSubject): string {
  return `${program} ${version} with pack ${pack}${quick ? ", quick" : ""}`;
}
