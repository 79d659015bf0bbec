import { setTimeout } from "node:timers/promises";
import { type AuditInputFormat, type AuditMessage, createNeutralLines } from "./audit-messages.js";
import { startSession } from "./child-session.js";
import type { OpenChannel } from "./message-channel.js";
import type { PatternIndex } from "./pattern-index.js";
import type { ResidueScan, ResidueScanner, ScanRefusal } from "./residue-scan.js";
import { type CoreDumpSetting, probeInspector, readCoreDump } from "./settings.js";

/** When a process is scanned: before any canary, after each answer, and after 5 and then 50 further messages. */
export const RESIDUE_PHASES = ["before", "answered", "after_5", "after_50"] as const;
/** A moment of scanning. */
export type ResiduePhase = (typeof RESIDUE_PHASES)[number];

/** Why a measurement ended early. */
export type ResidueFailure = ScanRefusal | "NOT_STARTED" | "NO_REPLY";

/** What was measured in one running process. */
export interface ResidueMeasurement {
  /** Undefined when everything was measured. */
  readonly failure?: ResidueFailure;
  /** Most copies found by one scan, per phase. */
  readonly copies: Readonly<Record<ResiduePhase, number>>;
  /** Forms and places of the copies found, as in `utf16.anonymous`, each once. */
  readonly forms: readonly string[];
  readonly scans: number;
  readonly patterns: number;
  /** Most bytes read by one scan. */
  readonly bytesScanned: number;
  /** Most bytes that one scan could not read. */
  readonly bytesUnreadable: number;
  readonly scanSeconds: number;
  readonly messages: number;
  /** Messages that were answered by an error. */
  readonly rejections: number;
  /** Places in the output where a part of a canary stood. */
  readonly leaks: number;
  readonly outputBytes: number;
  readonly coreDump?: CoreDumpSetting;
  /** Ports that the process opened on SIGUSR1. Undefined when it was not asked or did not survive. */
  readonly inspectorPorts?: number;
}

/** What to run, send and look for. */
export interface ResidueCheckOptions {
  readonly command: readonly string[];
  readonly format: AuditInputFormat;
  readonly messages: readonly AuditMessage[];
  readonly index: PatternIndex;
  readonly scanner: ResidueScanner;
  readonly replyTimeoutMs: number;
  /** Pause between an answer and the scan, in which the program may wipe what it used. */
  readonly settleMs: number;
  readonly onScan?: () => void;
  /** The way to the command, as in `ChildSessionOptions`. */
  readonly open?: OpenChannel;
}

const WARM_UP_MESSAGES = 3;

/** Number of scans that `measureResidue` makes. */
export function countScans(messages: number): number {
  return messages + RESIDUE_PHASES.length - 1;
}

/** Starts the command, sends it every message, and scans it in every phase. Ends it in any case. */
export async function measureResidue(options: ResidueCheckOptions): Promise<ResidueMeasurement> {
  const { command, format, messages, index, scanner, settleMs, open, replyTimeoutMs } = options;
  const copies: Record<ResiduePhase, number> = { before: 0, answered: 0, after_5: 0, after_50: 0 };
  const forms = new Set<string>();
  const totals = { scans: 0, bytesScanned: 0, bytesUnreadable: 0, scanSeconds: 0 };
  const session = await startSession({ command, index, replyTimeoutMs, ...(open && { open }) });
  const empty = { copies, messages: messages.length, patterns: index.size, rejections: 0, leaks: 0, outputBytes: 0 };
  if (session === undefined) return { failure: "NOT_STARTED", ...empty, ...totals, forms: [] };
  const { pid } = session;

  function record(phase: ResiduePhase, scan: ResidueScan): ResidueFailure | undefined {
    options.onScan?.();
    if (!scan.available) return scan.reason;
    copies[phase] = Math.max(copies[phase], scan.copies);
    for (const { kind, area } of scan.hits) forms.add(`${kind}.${area}`);
    totals.scans += 1;
    totals.bytesScanned = Math.max(totals.bytesScanned, scan.bytesScanned);
    totals.bytesUnreadable = Math.max(totals.bytesUnreadable, scan.bytesUnreadable);
    totals.scanSeconds += scan.seconds;
    return undefined;
  }

  async function sendAndScan(phase: ResiduePhase, lines: readonly Uint8Array[]): Promise<ResidueFailure | undefined> {
    if (!(await session?.send(lines))) return "NO_REPLY";
    await setTimeout(settleMs);
    return record(phase, scanner.scan(pid));
  }

  async function runPhases(): Promise<ResidueFailure | undefined> {
    let failure = await sendAndScan("before", createNeutralLines(WARM_UP_MESSAGES, format));
    for (const { line } of messages) failure ??= await sendAndScan("answered", [line]);
    failure ??= await sendAndScan("after_5", createNeutralLines(5, format));
    failure ??= await sendAndScan("after_50", createNeutralLines(45, format));
    return failure;
  }

  try {
    const failure = await runPhases();
    const coreDump = readCoreDump(pid);
    const inspectorPorts = await probeInspector(pid);
    return {
      ...empty,
      ...totals,
      ...(failure === undefined ? {} : { failure }),
      ...(coreDump === undefined ? {} : { coreDump }),
      ...(inspectorPorts === undefined ? {} : { inspectorPorts }),
      forms: [...forms].sort(),
      rejections: session.rejections(),
      leaks: session.leaks(),
      outputBytes: session.outputBytes(),
    };
  } finally {
    await session.close();
  }
}
