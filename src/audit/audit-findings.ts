import { homedir } from "node:os";
import type { EgressTrace } from "./egress-trace.js";
import type { ModelRuntime, PackFiles } from "./installed-files.js";
import type { AuditFigure, AuditFinding } from "./report.js";
import type { ResidueMeasurement } from "./residue-check.js";
import type { NodeOptionsSetting, SwapSetting } from "./settings.js";

/** Major versions of Node.js for which the promises were measured by hand. */
export const MEASURED_NODE_VERSIONS: readonly number[] = [20, 22, 24];

/** Judges the scans: every phase after the first must be free of copies, and all memory must have been readable. */
export function judgeResidue(
  measured: ResidueMeasurement,
  control: ResidueMeasurement,
  comparison?: ResidueMeasurement,
): AuditFinding {
  const isComplete = isMeasured(measured) && measured.copies.before === 0 && measured.bytesUnreadable === 0;
  const isFound = measured.copies.before === 0 && foundCopies(measured) > 0;
  return {
    status: isFound ? "FAIL" : isComplete ? "PASS" : "NOT_VERIFIED",
    figure: {
      ...measured.copies,
      messages: measured.messages,
      rejected: measured.rejections,
      scans: measured.scans,
      patterns: measured.patterns,
      bytes: measured.bytesScanned,
      unreadable: measured.bytesUnreadable,
      seconds: measured.scanSeconds,
      ...codeOf(measured),
    },
    control: {
      caught: control.copies.before === 0 && control.copies.answered > 0,
      figure: { before: control.copies.before, answered: control.copies.answered, ...codeOf(control) },
    },
    ...(comparison && { comparison: { ...comparison.copies, messages: comparison.messages, ...codeOf(comparison) } }),
    evidence: measured.forms,
  };
}

/** Judges what was printed. */
export function judgeOutput(measured: ResidueMeasurement, control: ResidueMeasurement): AuditFinding {
  return {
    status: measured.leaks > 0 ? "FAIL" : isAnswered(measured) ? "PASS" : "NOT_VERIFIED",
    figure: { leaks: measured.leaks, bytes: measured.outputBytes, ...codeOf(measured) },
    control: { caught: control.leaks > 0, figure: { leaks: control.leaks } },
  };
}

/** Judges the connections: sockets of any family but the kernel's own, and anything that was contacted. */
export function judgeNetwork(trace: EgressTrace, control: EgressTrace, messages: number): AuditFinding {
  if (!trace.available) return unavailable(trace.reason);
  const outgoing = countOutgoing(trace.sockets) + trace.contacts.length;
  const lookups = trace.contacts.filter(({ isLookup }) => isLookup).length;
  return {
    status: judgeTrace(trace, outgoing, messages),
    figure: { ...trace.sockets, contacts: trace.contacts.length, lookups, ...traceFigure(trace) },
    control: networkControl(control),
    evidence: trace.contacts.map(({ family, target }) => `${family} ${target}`),
  };
}

/** Judges the files that were opened for writing or created; `controlPath` is the one that the control writes. */
export function judgeFiles(
  trace: EgressTrace,
  control: EgressTrace,
  messages: number,
  controlPath: string,
): AuditFinding {
  if (!trace.available) return unavailable(trace.reason);
  const caught = control.available && control.filesWritten.includes(controlPath);
  return {
    status: judgeTrace(trace, trace.filesWritten.length, messages),
    figure: { files: trace.filesWritten.length, ...traceFigure(trace) },
    control: { caught, figure: { files: control.available ? control.filesWritten.length : 0 } },
    evidence: [...new Set(trace.filesWritten)].map(withoutHome),
  };
}

/** Judges the bytes that were handed to the operating system. */
export function judgeWrites(trace: EgressTrace, control: EgressTrace, messages: number): AuditFinding {
  if (!trace.available) return unavailable(trace.reason);
  const controlCalls = control.available ? control.canaryCalls : 0;
  return {
    status: judgeTrace(trace, trace.canaryCalls, messages),
    figure: { calls: trace.canaryCalls, traced: trace.calls, ...traceFigure(trace) },
    control: { caught: controlCalls > 0, figure: { calls: controlCalls } },
  };
}

/** Judges the swap areas of the machine. */
export function judgeSwap(swap: SwapSetting | undefined): AuditFinding {
  if (swap === undefined) return unavailable("NO_PROC");
  return { status: swap.plain > 0 ? "FAIL" : "PASS", figure: { plain: swap.plain, harmless: swap.harmless } };
}

/** Judges what a crash would leave. */
export function judgeCoreDump({ coreDump }: ResidueMeasurement): AuditFinding {
  if (coreDump === undefined) return unavailable("NO_PROC");
  const { limitBytes, filter, isPiped, holdsMemory } = coreDump;
  return { status: holdsMemory ? "FAIL" : "PASS", figure: { limit: limitBytes, filter, piped: isPiped } };
}

/** Judges whether the debugger opened. */
export function judgeInspector(measured: ResidueMeasurement, controlPorts: number | undefined): AuditFinding {
  const ports = measured.inspectorPorts;
  if (ports === undefined) return unavailable("NO_ANSWER");
  return {
    status: ports > 0 ? "FAIL" : "PASS",
    figure: { ports },
    control: { caught: (controlPorts ?? 0) > 0, figure: { ports: controlPorts ?? 0 } },
  };
}

/** Judges the environment. */
export function judgeNodeOptions({ variables, flags }: NodeOptionsSetting): AuditFinding {
  return {
    status: variables.length + flags.length > 0 ? "FAIL" : "PASS",
    figure: { variables: variables.length, flags: flags.length },
    evidence: [...variables, ...flags.map((flag) => `NODE_OPTIONS --${flag}`)],
  };
}

/** Judges the version of Node.js, as in `20.19.0`. */
export function judgeNodeVersion(version: string): AuditFinding {
  const isMeasuredVersion = MEASURED_NODE_VERSIONS.includes(Number.parseInt(version, 10));
  return { status: isMeasuredVersion ? "PASS" : "NOT_VERIFIED", figure: { node: version } };
}

/** Judges the model runtime; a program without one cannot load one. */
export function judgeModelRuntime(runtime: ModelRuntime | undefined, platform: string): AuditFinding {
  if (runtime === undefined) return { status: "PASS", figure: { code: "NOT_INSTALLED" } };
  const collectors = runtime.binaries.filter(({ holdsCollector }) => holdsCollector).length;
  const hashes = runtime.binaries.map(({ sha256 }, index): [string, string] => [`sha256_${index + 1}`, sha256]);
  // On Windows telemetry goes through the operating system and needs no address in the binary.
  const isTelling = runtime.binaries.length > 0 && platform !== "win32";
  return {
    status: collectors > 0 ? "FAIL" : isTelling ? "PASS" : "NOT_VERIFIED",
    figure: { version: runtime.version, binaries: runtime.binaries.length, collectors, ...Object.fromEntries(hashes) },
  };
}

/** Judges the files of all packs together. */
export function judgePacks(packs: readonly (PackFiles | undefined)[]): AuditFinding {
  const files = packs.reduce((sum, pack) => sum + (pack?.files ?? 0), 0);
  const matching = packs.reduce((sum, pack) => sum + (pack?.matching ?? 0), 0);
  const isReadable = packs.length > 0 && packs.every((pack) => pack !== undefined && pack.files > 0);
  return {
    status: matching < files ? "FAIL" : isReadable ? "PASS" : "NOT_VERIFIED",
    figure: { packs: packs.length, files, matching },
  };
}

function isMeasured(measured: ResidueMeasurement): boolean {
  return isAnswered(measured) && measured.scans > 0;
}

function isAnswered({ failure, messages, rejections }: ResidueMeasurement): boolean {
  return failure === undefined && messages > 0 && rejections === 0;
}

function foundCopies({ copies }: ResidueMeasurement): number {
  return copies.answered + copies.after_5 + copies.after_50;
}

function codeOf({ failure }: ResidueMeasurement): AuditFigure {
  return failure === undefined ? {} : { code: failure };
}

function unavailable(code: string): AuditFinding {
  return { status: "NOT_VERIFIED", figure: { code } };
}

type Traced = Extract<EgressTrace, { available: true }>;

function judgeTrace(trace: Traced, found: number, messages: number): AuditFinding["status"] {
  if (found > 0) return "FAIL";
  return trace.stayedAlive && trace.rings === 0 && trace.replies >= messages ? "PASS" : "NOT_VERIFIED";
}

function traceFigure({ seconds, replies, rings, ringsRefused, stayedAlive }: Traced): AuditFigure {
  return {
    seconds,
    replies,
    rings_refused: ringsRefused,
    ...(rings > 0 ? { code: "IO_URING" } : stayedAlive ? {} : { code: "ENDED_EARLY" }),
  };
}

function countOutgoing(sockets: Readonly<Record<string, number>>): number {
  // Netlink asks the kernel for its own settings. A local socket matters once it is connected, which is counted there.
  return Object.entries(sockets).reduce(
    (sum, [family, count]) => sum + (family === "AF_UNIX" || family === "AF_NETLINK" ? 0 : count),
    0,
  );
}

function networkControl(control: EgressTrace): { caught: boolean; figure: AuditFigure } {
  if (!control.available) return { caught: false, figure: { code: control.reason } };
  const lookups = control.contacts.filter(({ isLookup }) => isLookup).length;
  const datagrams = control.contacts.filter(({ isLookup }) => !isLookup).length;
  return { caught: lookups > 0 && datagrams > 0, figure: { ...control.sockets, datagrams, lookups } };
}

function withoutHome(path: string): string {
  const home = homedir();
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
