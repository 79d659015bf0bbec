import { writeFileSync, writeSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
import { EarshotError, isEarshotError } from "./errors.js";

/** What came of one measure. Only `DONE` means that it holds. */
export type HardenOutcome =
  | "DONE"
  /** The operating system or the build of Node.js has no such switch. */
  | "NOT_AVAILABLE"
  /** Only the main thread can do it: call `harden` there. */
  | "NOT_MAIN_THREAD"
  /** The debugger was open already, before this call. */
  | "ALREADY_OPEN"
  /** It was tried and refused. */
  | "FAILED"
  /** The caller did not ask for it. */
  | "NOT_ASKED";

/** What could be done and what could not. */
export interface HardenReport {
  /** A core dump holds no contents of memory. Linux only; elsewhere set the limit of core dumps to 0 yourself. */
  readonly coreDump: HardenOutcome;
  /** The signal SIGUSR1 does not open the debugger. */
  readonly inspector: HardenOutcome;
  /** Node.js writes no diagnostic report on its own account. */
  readonly diagnosticReport: HardenOutcome;
  /** An exception that nobody caught ends the process with a fixed sentence instead of its own message and stack. */
  readonly uncaught: HardenOutcome;
}

/** How far `harden` may go. */
export interface HardenOptions {
  /**
   * Whether the process is yours alone. Then what nobody caught is reported by its code only and the process ends with
   * exit code 1; in a process shared with other code that would hide its errors.
   */
  readonly ownsProcess?: boolean;
}

// Each bit of this file is a kind of memory that a core dump holds: core(5).
const CORE_DUMP_FILTER = "/proc/self/coredump_filter";
const STANDARD_ERROR = 2;
const EXIT_FAILED = 1;

/**
 * Closes the ways on which the memory of this process gets out when something fails: core dumps, the debugger,
 * diagnostic reports and, where the process is yours, messages of uncaught exceptions. Call it once at the start, in
 * the main thread; calling it again changes nothing. It never throws.
 *
 * It writes one byte to `/proc/self/coredump_filter`, which is a setting of the kernel and no file on a disk.
 */
export function harden(options: HardenOptions = {}): HardenReport {
  return {
    coreDump: emptyCoreDumps(),
    inspector: ignoreDebuggerSignal(),
    diagnosticReport: switchOffReports(),
    uncaught: options.ownsProcess ? replaceUncaughtHandlers() : "NOT_ASKED",
  };
}

function emptyCoreDumps(): HardenOutcome {
  if (process.platform !== "linux") return "NOT_AVAILABLE";
  try {
    writeFileSync(CORE_DUMP_FILTER, "0");
    return "DONE";
  } catch {
    return "FAILED";
  }
}

function ignoreDebuggerSignal(): HardenOutcome {
  if (!isMainThread) return "NOT_MAIN_THREAD";
  // Node.js opens its debugger on this signal only as long as nobody listens to it; Windows has another way.
  if (process.platform === "win32") return "NOT_AVAILABLE";
  if (!process.listeners("SIGUSR1").includes(ignore)) process.on("SIGUSR1", ignore);
  return isDebuggerOpen() ? "ALREADY_OPEN" : "DONE";
}

function isDebuggerOpen(): boolean {
  // Not imported: a Node.js that was built without the debugger has no such module.
  return process.getBuiltinModule("node:inspector")?.url() !== undefined;
}

function switchOffReports(): HardenOutcome {
  try {
    process.report.reportOnFatalError = false;
    process.report.reportOnSignal = false;
    process.report.reportOnUncaughtException = false;
    return "DONE";
  } catch {
    return "NOT_AVAILABLE";
  }
}

function replaceUncaughtHandlers(): HardenOutcome {
  if (!isMainThread) return "NOT_MAIN_THREAD";
  if (!process.listeners("uncaughtException").includes(endProcess)) {
    process.on("uncaughtException", endProcess);
    process.on("unhandledRejection", endProcess);
  }
  return "DONE";
}

function ignore(): void {}

/** The thrown value is looked at for a code of this package and for nothing else: its message may quote a text. */
function endProcess(thrown: unknown): void {
  const { code, message } = isEarshotError(thrown) ? thrown : new EarshotError("INTERNAL");
  try {
    writeSync(STANDARD_ERROR, `${JSON.stringify({ error: code, message })}\n`);
  } finally {
    process.exit(EXIT_FAILED);
  }
}
