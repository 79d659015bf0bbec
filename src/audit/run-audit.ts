import { mkdtempSync, rmSync } from "node:fs";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import { EarshotError } from "../errors.js";
import {
  judgeCoreDump,
  judgeFiles,
  judgeInspector,
  judgeModelRuntime,
  judgeNetwork,
  judgeNodeOptions,
  judgeNodeVersion,
  judgeOutput,
  judgePacks,
  judgeResidue,
  judgeSwap,
  judgeWrites,
} from "./audit-findings.js";
import {
  type AuditInputFormat,
  type AuditMessage,
  type AuditMessageOptions,
  createAuditMessages,
  messagePatterns,
} from "./audit-messages.js";
import { startSession } from "./child-session.js";
import { egressControl, inspectorControl, residueControl, serverControl } from "./controls.js";
import { traceEgress } from "./egress-trace.js";
import { readModelRuntime, readPackFiles } from "./installed-files.js";
import { type OpenChannel, openLines, openServer } from "./message-channel.js";
import { createPatternIndex, type PatternIndex } from "./pattern-index.js";
import type { DerivedForms } from "./patterns.js";
import {
  type AuditCheck,
  type AuditFinding,
  type AuditLine,
  type AuditReport,
  type AuditSubject,
  createAuditLine,
  overallStatus,
} from "./report.js";
import { countScans, measureResidue, type ResidueMeasurement } from "./residue-check.js";
import { createResidueScanner } from "./residue-scan.js";
import { probeInspector, readNodeOptions, readSwap } from "./settings.js";

/** What to audit. */
export interface AuditOptions extends AuditMessageOptions, DerivedForms {
  /** Program and parameters. It reads messages on standard input and answers each with one line on standard output. */
  readonly command: readonly string[];
  /** With it the command is a server that listens on this local socket, and the messages are sent there. */
  readonly socketPath?: string;
  readonly format: AuditInputFormat;
  /** A program that does the same with strings, as most do; what it leaves is reported beside the residue. */
  readonly comparison?: readonly string[];
  /** What the report says of it. */
  readonly subject?: AuditSubject;
  /** Folders of model packs whose files are compared with their manifests. */
  readonly packFolders?: readonly string[];
  /** The folder from which the command would load its model runtime; the working directory by default. */
  readonly runtimeFolder?: string;
  /** Seconds of tracing, 15 by default: known telemetry waits for 9 before it first shows. */
  readonly egressSeconds?: number;
  /** Longest wait for an answer, 30,000 by default. */
  readonly replyTimeoutMs?: number;
  /** Pause between an answer and its scan, 50 by default. */
  readonly settleMs?: number;
  /** Called as the audit advances, with steps done and steps in all. */
  readonly onProgress?: (done: number, total: number) => void;
}

// A busy machine takes seconds to start a traced Node.js, and a control that came too late would look like a blind check.
const EGRESS_CONTROL_SECONDS = 5;
const CONTROL_TIMEOUT_MS = 10_000;
const CONTROL_SIZES: readonly number[] = [311];
const STEPS_BESIDE_SCANS = 3;

/**
 * Audits a command on this machine: what it leaves in memory, what it sends and writes, and how it is set up.
 *
 * It starts the command twice and three broken programs as controls, sends them random words, and ends them all.
 * Nothing is stored but one file in a private temporary folder, which a control writes and which is removed. A check
 * that this machine does not allow reads `NOT_VERIFIED`. Throws `INPUT_INVALID` when there is no command or nothing to
 * send.
 */
export async function runAudit(options: AuditOptions): Promise<AuditReport> {
  const messages = createAuditMessages(options);
  if (options.command.length === 0 || messages.length === 0) {
    throw new EarshotError("INPUT_INVALID", { messages: messages.length, parameters: options.command.length });
  }
  const startedAt = new Date();
  const smallRuns = options.comparison === undefined ? 1 : 2;
  const total = countScans(messages.length) + smallRuns * countScans(CONTROL_SIZES.length) + STEPS_BESIDE_SCANS;
  let done = 0;
  const advance = (): void => {
    done += 1;
    options.onProgress?.(done, total);
  };

  const residue = await auditResidue(options, messages, advance);
  const egress = await auditEgress(options, messages, advance);
  const settings = await auditSettings(options, residue.measured);
  // A check that ended early skipped its steps.
  options.onProgress?.(total, total);
  const { measured, control, comparison } = residue;
  const findings: Readonly<Record<AuditCheck, AuditFinding | undefined>> = {
    residue: judgeResidue(measured, control, comparison),
    output: judgeOutput(measured, control),
    ...egress,
    ...settings,
  };
  const lines = Object.entries(findings).flatMap(([id, finding]): AuditLine[] =>
    finding === undefined ? [] : [createAuditLine(id as AuditCheck, finding)],
  );
  return {
    schemaVersion: 1,
    startedAt: startedAt.toISOString(),
    seconds: (Date.now() - startedAt.getTime()) / 1000,
    surroundings: {
      platform: process.platform,
      architecture: process.arch,
      kernel: release(),
      node: process.versions.node,
      command: options.command,
    },
    ...(options.subject && { subject: options.subject }),
    status: overallStatus(lines),
    lines,
  };
}

function openerOf({ socketPath }: AuditOptions): OpenChannel {
  return socketPath === undefined ? openLines : openServer(socketPath);
}

async function auditResidue(
  options: AuditOptions,
  messages: readonly AuditMessage[],
  onScan: () => void,
): Promise<{ measured: ResidueMeasurement; control: ResidueMeasurement; comparison: ResidueMeasurement | undefined }> {
  const { format, socketPath, replyTimeoutMs = 30_000, settleMs = 50 } = options;
  const open = openerOf(options);
  const measure = (command: readonly string[], sent: readonly AuditMessage[]): Promise<ResidueMeasurement> => {
    const patterns = messagePatterns(sent, format, options);
    const index = createPatternIndex(patterns);
    const scanner = createResidueScanner(patterns);
    return measureResidue({ command, format, messages: sent, index, scanner, replyTimeoutMs, settleMs, onScan, open });
  };
  const controlMessages = createAuditMessages({ format, scripts: ["latin"], sizes: CONTROL_SIZES });
  return {
    measured: await measure(options.command, messages),
    control: await measure(
      socketPath === undefined ? residueControl(format) : serverControl(socketPath),
      controlMessages,
    ),
    comparison: options.comparison && (await measure(options.comparison, controlMessages)),
  };
}

async function auditEgress(
  options: AuditOptions,
  messages: readonly AuditMessage[],
  advance: () => void,
): Promise<Record<"network" | "files" | "writes", AuditFinding>> {
  const index = createPatternIndex(messagePatterns(messages, options.format, options));
  const lines = messages.map(({ line }) => line);
  const folder = mkdtempSync(join(tmpdir(), "earshot-audit-"));
  try {
    const controlPath = join(folder, "control");
    const seconds = options.egressSeconds ?? 15;
    const open = openerOf(options);
    const trace = await traceEgress({ command: options.command, lines, seconds, index, open });
    advance();
    const control = await traceEgress({
      command: egressControl(controlPath),
      lines,
      seconds: EGRESS_CONTROL_SECONDS,
      index,
    });
    advance();
    return {
      network: judgeNetwork(trace, control, lines.length),
      files: judgeFiles(trace, control, lines.length, controlPath),
      writes: judgeWrites(trace, control, lines.length),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function auditSettings(
  options: AuditOptions,
  measured: ResidueMeasurement,
): Promise<
  Record<Exclude<AuditCheck, "residue" | "output" | "network" | "files" | "writes">, AuditFinding | undefined>
> {
  const { packFolders = [], runtimeFolder = process.cwd() } = options;
  return {
    swap: judgeSwap(readSwap()),
    core_dump: judgeCoreDump(measured),
    inspector: judgeInspector(measured, await probeInspectorControl()),
    node_options: judgeNodeOptions(readNodeOptions(process.env)),
    node_version: judgeNodeVersion(process.versions.node),
    model_runtime: judgeModelRuntime(await readModelRuntime(runtimeFolder), process.platform),
    pack: packFolders.length === 0 ? undefined : judgePacks(await Promise.all(packFolders.map(readPackFiles))),
  };
}

async function probeInspectorControl(): Promise<number | undefined> {
  const index: PatternIndex = createPatternIndex([]);
  const session = await startSession({ command: inspectorControl(), index, replyTimeoutMs: CONTROL_TIMEOUT_MS });
  if (session === undefined) return undefined;
  try {
    // Before it answers, Node.js may not have taken over the signal, which would then end it.
    return (await session.send([Buffer.from("ready\n")])) ? await probeInspector(session.pid) : undefined;
  } finally {
    await session.close();
  }
}
