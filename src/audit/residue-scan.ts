import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { createPatternIndex, type PatternIndex } from "./pattern-index.js";
import type { Pattern, PatternKind } from "./patterns.js";
import {
  descendantsOf,
  type MemoryArea,
  type MemoryRange,
  readMappings,
  readPageBytes,
  residentRanges,
  whileStopped,
} from "./process-memory.js";

/** Why a process could not be scanned. `NOT_PERMITTED`: another user's process, or Yama and not started by this one. */
export type ScanRefusal = "NO_PROC" | "NOT_PERMITTED" | "PROCESS_GONE" | "NOT_STOPPED";

/** One pattern found at one address. */
export interface ResidueHit {
  readonly pid: number;
  readonly address: number;
  readonly bytes: number;
  readonly kind: PatternKind;
  readonly area: MemoryArea;
}

/** What a scan of a process and of all processes below it found. */
export interface CompletedScan {
  readonly available: true;
  readonly hits: readonly ResidueHit[];
  /** Contiguous copies, each counted once however many fragments of it were found. */
  readonly copies: number;
  /** Copies per form. A copy that matches in two forms is counted in both. */
  readonly copiesByKind: Readonly<Partial<Record<PatternKind, number>>>;
  readonly patterns: number;
  readonly processes: number;
  readonly bytesScanned: number;
  readonly bytesUnreadable: number;
  readonly seconds: number;
}

/** A scan, or why there is none. */
export type ResidueScan = CompletedScan | { readonly available: false; readonly reason: ScanRefusal };

/** Scans processes for a fixed set of patterns. */
export interface ResidueScanner {
  /**
   * Stops the process and those below it one after the other, reads all memory that holds data, and lets them go on.
   *
   * This process must be the one that started `pid` where Yama's ptrace_scope is 1. It never throws for a reason that
   * lies in the scanned process. Not seen: registers, kernel buffers, other processes, fragments under 8 characters.
   */
  scan(pid: number): ResidueScan;
}

const CHUNK_BYTES = 4 * 1024 * 1024;
const COPY_GAP_BYTES = 16;
// More hits say nothing new, and a process full of copies must not fill the memory of the auditor.
const MOST_HITS = 100_000;

/** Creates a scanner. Method and its measured limits: reading /proc/<pid>/maps, pagemap and mem, see proc(5). */
export function createResidueScanner(patterns: readonly Pattern[]): ResidueScanner {
  const index = createPatternIndex(patterns);
  const words = new Int32Array((CHUNK_BYTES + index.longest + 12) >>> 2);

  function scan(pid: number): ResidueScan {
    if (process.platform !== "linux" || !existsSync("/proc/self/pagemap")) {
      return { available: false, reason: "NO_PROC" };
    }
    const startedAt = performance.now();
    const pageBytes = readPageBytes();
    const state: ScanState = { index, words, hits: [], bytesScanned: 0, bytesUnreadable: 0 };
    const pids = descendantsOf(pid);
    for (const each of pids) {
      try {
        const stopped = whileStopped(each, () => scanProcess(each, pageBytes, state));
        if (stopped === undefined) return { available: false, reason: "NOT_STOPPED" };
      } catch (error) {
        const reason = refusalOf(error);
        // A helper process may end between listing and reading it; only the audited process must be there.
        if (each === pid || reason !== "PROCESS_GONE") return { available: false, reason };
      }
    }
    const { hits, bytesScanned, bytesUnreadable } = state;
    const seconds = (performance.now() - startedAt) / 1000;
    const processes = pids.length;
    return {
      available: true,
      hits,
      ...countCopies(hits),
      patterns: index.size,
      processes,
      bytesScanned,
      bytesUnreadable,
      seconds,
    };
  }

  return { scan };
}

interface ScanState {
  readonly index: PatternIndex;
  readonly words: Int32Array;
  readonly hits: ResidueHit[];
  bytesScanned: number;
  bytesUnreadable: number;
}

function scanProcess(pid: number, pageBytes: number, state: ScanState): true {
  const memory = openSync(`/proc/${pid}/mem`, "r");
  try {
    const pagemap = openSync(`/proc/${pid}/pagemap`, "r");
    try {
      for (const mapping of readMappings(pid)) {
        for (const range of residentRanges(pagemap, mapping, pageBytes)) {
          scanRange(memory, range, pageBytes, state, (hit) => state.hits.push({ pid, area: mapping.area, ...hit }));
        }
      }
    } finally {
      closeSync(pagemap);
    }
  } finally {
    closeSync(memory);
  }
  return true;
}

type HitVisitor = (hit: Pick<ResidueHit, "address" | "bytes" | "kind">) => void;

function scanRange(memory: number, range: MemoryRange, pageBytes: number, state: ScanState, visit: HitVisitor): void {
  const { index, words } = state;
  let address = range.start;
  while (address < range.end) {
    // The overlap makes a copy visible that lies across two chunks; only hits that begin in the chunk itself count.
    const wanted = Math.min(CHUNK_BYTES + roundUp(index.longest), range.end - address);
    const got = readMemory(memory, words, wanted, address);
    if (got === 0) {
      state.bytesUnreadable += pageBytes;
      address += pageBytes;
      continue;
    }
    const limit = Math.min(CHUNK_BYTES, got);
    const chunkAddress = address;
    index.find(words, got, limit, (pattern, offset) => {
      if (state.hits.length >= MOST_HITS) return;
      visit({ address: chunkAddress + offset, bytes: pattern.bytes.length, kind: pattern.kind });
    });
    state.bytesScanned += limit;
    address += limit;
  }
}

function readMemory(memory: number, words: Int32Array, wanted: number, address: number): number {
  try {
    return readSync(memory, words, 0, wanted, address);
  } catch {
    return 0;
  }
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}

function refusalOf(error: unknown): ScanRefusal {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "EACCES" || code === "EPERM" ? "NOT_PERMITTED" : "PROCESS_GONE";
}

/** Joins hits of one form that touch or nearly touch into copies. */
function countCopies(hits: readonly ResidueHit[]): Pick<CompletedScan, "copies" | "copiesByKind"> {
  const copiesByKind: Partial<Record<PatternKind, number>> = {};
  let copies = 0;
  const ends = new Map<string, number>();
  for (const hit of [...hits].sort((left, right) => left.address - right.address)) {
    const key = `${hit.pid} ${hit.kind}`;
    const previousEnd = ends.get(key) ?? Number.NEGATIVE_INFINITY;
    if (hit.address > previousEnd + COPY_GAP_BYTES) {
      copies += 1;
      copiesByKind[hit.kind] = (copiesByKind[hit.kind] ?? 0) + 1;
    }
    ends.set(key, Math.max(previousEnd, hit.address + hit.bytes));
  }
  return { copies, copiesByKind };
}
