import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout } from "node:timers/promises";

/** Swap areas of the machine. */
export interface SwapSetting {
  /** Areas on a disk without encryption, where memory may outlive the machine's power. */
  readonly plain: number;
  /** Areas that are compressed memory (zram) or that lie on an encrypted volume. */
  readonly harmless: number;
}

/** What would be written if the process crashed. */
export interface CoreDumpSetting {
  /** The soft limit in bytes; `Infinity` when there is none. */
  readonly limitBytes: number;
  /** Bits of proc(5) coredump_filter: which kinds of memory a core dump holds. */
  readonly filter: number;
  /** Whether dumps go to a program, which the limit does not stop. */
  readonly isPiped: boolean;
  /** Whether a core dump could hold a message: neither the limit nor the filter prevents it. */
  readonly holdsMemory: boolean;
}

/** Settings in the environment that make Node.js write files, load other code or open a debugger. */
export interface NodeOptionsSetting {
  readonly variables: readonly string[];
  readonly flags: readonly string[];
}

// Bit 4 of coredump_filter dumps ELF headers only; every other bit dumps contents: core(5).
const HARMLESS_CORE_BITS = 0x10;
const INSPECTOR_WAIT_MS = 700;
const LISTENING = "0A";

const RISKY_FLAGS =
  /^--(inspect|report|diagnostic|heapsnapshot|heap-prof|cpu-prof|prof|trace-event|abort-on|require|import|loader|experimental-loader|redirect-warnings|localstorage-file|env-file)/;
const RISKY_VARIABLES: readonly string[] = [
  "LD_PRELOAD",
  "NODE_DEBUG",
  "NODE_DEBUG_NATIVE",
  "NODE_REDIRECT_WARNINGS",
  "NODE_V8_COVERAGE",
];

/** Reads /proc/swaps. Undefined where there is none. */
export function readSwap(): SwapSetting | undefined {
  const table = readText("/proc/swaps");
  if (table === undefined) return undefined;
  let plain = 0;
  let harmless = 0;
  for (const line of table.split("\n").slice(1)) {
    const path = line.split(/\s+/)[0];
    if (path === "") continue;
    if (isHarmlessSwap(path)) harmless += 1;
    else plain += 1;
  }
  return { plain, harmless };
}

function isHarmlessSwap(path: string): boolean {
  const device = basename(path);
  const isEncrypted = readText(`/sys/block/${device}/dm/uuid`)?.startsWith("CRYPT-") ?? false;
  return device.startsWith("zram") || isEncrypted;
}

/** Reads the limits and the filter of a process. Undefined where /proc does not have them. */
export function readCoreDump(pid: number): CoreDumpSetting | undefined {
  const limits = readText(`/proc/${pid}/limits`);
  const filterText = readText(`/proc/${pid}/coredump_filter`);
  const soft = /^Max core file size\s+(\S+)/m.exec(limits ?? "")?.[1];
  if (soft === undefined || filterText === undefined) return undefined;
  const limitBytes = soft === "unlimited" ? Number.POSITIVE_INFINITY : Number(soft);
  const filter = Number.parseInt(filterText, 16);
  const isPiped = readText("/proc/sys/kernel/core_pattern")?.startsWith("|") ?? false;
  const isDumped = isPiped || limitBytes > 0;
  return { limitBytes, filter, isPiped, holdsMemory: isDumped && (filter & ~HARMLESS_CORE_BITS) !== 0 };
}

/**
 * Sends SIGUSR1, which makes an unprepared Node.js open its debugger, and counts the ports on which the process then
 * listens in addition. Undefined when the process did not survive or cannot be examined.
 */
export async function probeInspector(pid: number): Promise<number | undefined> {
  const before = countListeners(pid);
  if (before === undefined) return undefined;
  try {
    process.kill(pid, "SIGUSR1");
  } catch {
    return undefined;
  }
  await setTimeout(INSPECTOR_WAIT_MS);
  const after = countListeners(pid);
  return after === undefined ? undefined : after - before;
}

/** Sockets of a process that listen for TCP connections. */
export function countListeners(pid: number): number | undefined {
  try {
    const inodes = new Set<string>();
    for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${descriptor}`))?.[1];
      if (inode !== undefined) inodes.add(inode);
    }
    const tables = ["tcp", "tcp6"].map((name) => readText(`/proc/${pid}/net/${name}`) ?? "");
    // Columns of proc(5) net/tcp: the state is the fourth, the inode the tenth.
    const rows = tables.flatMap((table) => table.split("\n").slice(1)).map((row) => row.trim().split(/\s+/));
    return rows.filter((columns) => columns[3] === LISTENING && inodes.has(columns[9])).length;
  } catch {
    return undefined;
  }
}

/** Finds risky settings in an environment; names only, from fixed lists, because values may hold paths. */
export function readNodeOptions(environment: NodeJS.ProcessEnv): NodeOptionsSetting {
  const words = (environment.NODE_OPTIONS ?? "").split(/\s+/);
  const flags = words.flatMap((word) => {
    const name = RISKY_FLAGS.exec(word === "-r" ? "--require" : word)?.[1];
    return name === undefined ? [] : [name];
  });
  return { variables: RISKY_VARIABLES.filter((name) => environment[name]), flags };
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
