import { readdirSync, readFileSync, readSync } from "node:fs";

/** What kind of memory an address belongs to. */
export type MemoryArea = "heap" | "stack" | "anonymous" | "file" | "special";

/** A mapping of a process, from /proc/<pid>/maps. */
export interface Mapping {
  readonly start: number;
  readonly end: number;
  readonly area: MemoryArea;
}

/** Addresses of pages that hold something, `end` exclusive. */
export interface MemoryRange {
  readonly start: number;
  readonly end: number;
}

const STOP_TIMEOUT_MS = 2000;
const PAGEMAP_ENTRY_BYTES = 8;
const PAGEMAP_BATCH_PAGES = 65_536;
// Bits 63 (in memory) and 62 (in swap) of a pagemap entry: Linux, Documentation/admin-guide/mm/pagemap.rst.
const HOLDS_DATA = 0xc0;
const BIT_BYTE = 7;

/** Reads the mappings of a process. Those that only the kernel fills (vvar, vsyscall) are left out. */
export function readMappings(pid: number): readonly Mapping[] {
  const mappings: Mapping[] = [];
  for (const line of readFileSync(`/proc/${pid}/maps`, "latin1").split("\n")) {
    const match = /^([0-9a-f]+)-([0-9a-f]+) \S+ \S+ \S+ \d+\s*(.*)$/.exec(line);
    if (match === null || /^\[(vvar|vsyscall)/.test(match[3])) continue;
    mappings.push({
      start: Number.parseInt(match[1], 16),
      end: Number.parseInt(match[2], 16),
      area: areaOf(match[3]),
    });
  }
  return mappings;
}

function areaOf(name: string): MemoryArea {
  if (name === "" || name.startsWith("[anon")) return "anonymous";
  if (name === "[heap]") return "heap";
  if (name.startsWith("[stack")) return "stack";
  return name.startsWith("[") ? "special" : "file";
}

/** Yields the parts of a mapping that hold data in memory or in swap, by the open /proc/<pid>/pagemap. */
export function* residentRanges(pagemap: number, mapping: Mapping, pageBytes: number): Generator<MemoryRange> {
  const pages = (mapping.end - mapping.start) / pageBytes;
  const entries = Buffer.alloc(Math.min(pages, PAGEMAP_BATCH_PAGES) * PAGEMAP_ENTRY_BYTES);
  for (let first = 0; first < pages; first += PAGEMAP_BATCH_PAGES) {
    const wanted = Math.min(PAGEMAP_BATCH_PAGES, pages - first) * PAGEMAP_ENTRY_BYTES;
    const position = (mapping.start / pageBytes + first) * PAGEMAP_ENTRY_BYTES;
    const got = readSync(pagemap, entries, 0, wanted, position) / PAGEMAP_ENTRY_BYTES;
    const base = mapping.start + first * pageBytes;
    let page = 0;
    while (page < got) {
      if ((entries[page * PAGEMAP_ENTRY_BYTES + BIT_BYTE] & HOLDS_DATA) === 0) {
        page += 1;
        continue;
      }
      const start = page;
      while (page < got && (entries[page * PAGEMAP_ENTRY_BYTES + BIT_BYTE] & HOLDS_DATA) !== 0) page += 1;
      yield { start: base + start * pageBytes, end: base + page * pageBytes };
    }
  }
}

/** Size of a memory page of this machine in bytes: 4096 on x64, up to 65536 on arm64. */
export function readPageBytes(): number {
  const match = /KernelPageSize:\s+(\d+) kB/.exec(readFileSync("/proc/self/smaps", "latin1"));
  return match === null ? 4096 : Number(match[1]) * 1024;
}

/** The process and all processes below it, the process first. */
export function descendantsOf(pid: number): readonly number[] {
  const found = [pid];
  for (const parent of found) {
    for (const thread of listThreads(parent)) found.push(...readChildren(parent, thread));
  }
  return found;
}

/** Stops every thread of a process, runs `action`, and lets the process go on. Returns undefined if it did not stop. */
export function whileStopped<Result>(pid: number, action: () => Result): Result | undefined {
  process.kill(pid, "SIGSTOP");
  try {
    const deadline = Date.now() + STOP_TIMEOUT_MS;
    while (!listThreads(pid).every((thread) => isStopped(pid, thread))) {
      if (Date.now() > deadline) return undefined;
      sleep(1);
    }
    return action();
  } finally {
    resume(pid);
  }
}

function resume(pid: number): void {
  try {
    process.kill(pid, "SIGCONT");
  } catch {
    // It is gone, which is as good as running on.
  }
}

function isStopped(pid: number, thread: string): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, "latin1");
    // The state follows the name, which is in parentheses and may itself hold some. T: stopped, t: traced, Z/X: ended.
    return "TtZX".includes(stat.charAt(stat.lastIndexOf(")") + 2));
  } catch {
    return true;
  }
}

function listThreads(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function readChildren(pid: number, thread: string): readonly number[] {
  try {
    const list = readFileSync(`/proc/${pid}/task/${thread}/children`, "latin1").trim();
    return list === "" ? [] : list.split(" ").map(Number);
  } catch {
    return [];
  }
}

// Blocking on purpose: nothing of this process may run on between the stop and the end of the scan.
function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
