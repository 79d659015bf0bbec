import { findInBytes, type PatternIndex } from "./pattern-index.js";

/** A place that the process tried to reach: an address family with an address and port, or the path of a local socket. */
export interface ContactAttempt {
  readonly family: string;
  readonly target: string;
  /** Whether it was a question to a name service: port 53 or 853, or the socket of a resolver on this machine. */
  readonly isLookup: boolean;
}

/** What a process did, read from its trace. Attempts count although they failed: elsewhere they may succeed. */
export interface TraceFindings {
  /** Calls of `socket` per address family, as in `AF_INET`. */
  readonly sockets: Readonly<Record<string, number>>;
  /** Without a process's own local sockets, through which it talks to itself. */
  readonly contacts: readonly ContactAttempt[];
  /** Paths opened for writing, created, renamed or linked; without the null device and terminals. */
  readonly filesWritten: readonly string[];
  /** Writing or sending calls whose bytes held a part of a canary. */
  readonly canaryCalls: number;
  /** Submission rings that were created: what goes through one is invisible to a trace. */
  readonly rings: number;
  /** Submission rings that were asked for and refused. */
  readonly ringsRefused: number;
  /** Traced calls in all; 0 when nothing could be traced. */
  readonly calls: number;
  /** Id of the traced command. */
  readonly pid?: number;
}

/** Reads a trace piece by piece and keeps only findings. */
export interface TraceParser {
  /** Takes the next piece of the output of `strace -f -xx`. */
  feed(chunk: Uint8Array): void;
  findings(): TraceFindings;
}

/** The system calls that the parser understands, as the value of strace's `trace=`; `?` allows for other processors. */
export const TRACED_CALLS: string = [
  "%network,execve,io_uring_setup",
  "?open,openat,?openat2,?creat,?mkdir,mkdirat,?mknod,mknodat",
  "?rename,?renameat,renameat2,?link,linkat,?symlink,symlinkat",
  "write,writev,pwrite64,pwritev,?pwritev2",
].join(",");

const OPENERS = new Set(["open", "openat", "openat2", "creat"]);
const CREATORS = new Set(["mkdir", "mkdirat", "mknod", "mknodat"]);
const MOVERS = new Set(["rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat"]);
const SENDERS = new Set(["sendto", "sendmsg", "sendmmsg"]);
const WRITERS = new Set(["write", "writev", "pwrite64", "pwritev", "pwritev2", ...SENDERS]);
const LOOKUP_PORTS = new Set(["53", "853", "5353", "5355"]);

interface MutableFindings {
  sockets: Record<string, number>;
  contacts: ContactAttempt[];
  filesWritten: string[];
  canaryCalls: number;
  rings: number;
  ringsRefused: number;
  calls: number;
  pid?: number;
}

/**
 * Creates a parser; with an index it also looks for canaries in what was written, which needs a trace with `-s` at
 * least as long as the longest write.
 */
export function createTraceParser(index?: PatternIndex): TraceParser {
  const findings: MutableFindings = {
    sockets: {},
    contacts: [],
    filesWritten: [],
    canaryCalls: 0,
    rings: 0,
    ringsRefused: 0,
    calls: 0,
  };
  const own = new Set<string>();
  const unfinished = new Map<string, string>();
  let rest = "";

  function feed(chunk: Uint8Array): void {
    const lines = (rest + Buffer.from(chunk).toString("latin1")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) readLine(line);
  }

  function readLine(line: string): void {
    const [, pid, event] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    if (event === undefined) return;
    findings.pid ??= Number(pid);
    // Threads interleave: a call that blocks is shown in two parts.
    const begun = /^(.*) <unfinished \.\.\.>$/.exec(event);
    if (begun !== null) {
      unfinished.set(pid, begun[1]);
      return;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(event);
    const call = resumed === null ? event : (unfinished.get(pid) ?? "") + resumed[1];
    if (resumed !== null) unfinished.delete(pid);
    const [, name, details] = /^(\w+)\((.*)$/.exec(call) ?? [];
    if (details !== undefined) readCall({ findings, own, index }, name, details);
  }

  // A call that never came back, because the process ended in it, was attempted all the same.
  function flush(): void {
    for (const [pid, call] of unfinished) readLine(`${pid} ${call}`);
    unfinished.clear();
  }

  return {
    feed,
    findings: () => {
      flush();
      return { ...findings };
    },
  };
}

interface Reading {
  readonly findings: MutableFindings;
  /** Local sockets that the process itself has named. */
  readonly own: Set<string>;
  readonly index: PatternIndex | undefined;
}

function readCall({ findings, own, index }: Reading, name: string, details: string): void {
  findings.calls += 1;
  if (name === "socket") {
    const family = /^\w+/.exec(details)?.[0] ?? "UNKNOWN";
    findings.sockets[family] = (findings.sockets[family] ?? 0) + 1;
  } else if (name === "io_uring_setup") {
    if (/\) += -1 /.test(details)) findings.ringsRefused += 1;
    else findings.rings += 1;
  } else if (OPENERS.has(name) && (name === "creat" || /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/.test(details))) {
    addFile(findings, stringsOf(details)[0]);
  } else if (CREATORS.has(name)) {
    addFile(findings, stringsOf(details)[0]);
  } else if (MOVERS.has(name)) {
    addFile(findings, stringsOf(details).at(-1));
  }
  if (name === "bind") for (const { family, target } of contactsOf(details)) if (family === "AF_UNIX") own.add(target);
  if (name === "connect" || SENDERS.has(name)) {
    findings.contacts.push(
      ...contactsOf(details).filter(({ family, target }) => family !== "AF_UNIX" || !own.has(target)),
    );
  }
  if (index !== undefined && WRITERS.has(name) && stringsOf(details).some((bytes) => holdsCanary(index, bytes))) {
    findings.canaryCalls += 1;
  }
}

function addFile(findings: MutableFindings, path: Buffer | undefined): void {
  const name = path?.toString("utf8") ?? "";
  // Devices that keep nothing, and the switch with which a process closes its own core dumps.
  if (/^\/dev\/(null|tty|pts\/\d+)$|^\/proc\/(self|\d+)\/coredump_filter$/.test(name)) return;
  findings.filesWritten.push(name);
}

function contactsOf(details: string): readonly ContactAttempt[] {
  const contacts: ContactAttempt[] = [];
  for (const [address, family] of details.matchAll(/\{sa_family=(AF_\w+)[^}]*\}/g)) {
    if (family === "AF_UNSPEC") continue;
    const port = /port=htons\((\d+)\)/.exec(address)?.[1];
    const host = stringsOf(address)[0]?.toString("latin1").split("\0")[0] ?? "";
    const isLookup = port === undefined ? /nscd|resolve|mdns|avahi/.test(host) : LOOKUP_PORTS.has(port);
    contacts.push({ family, target: port === undefined ? host : `${host} port ${port}`, isLookup });
  }
  return contacts;
}

function holdsCanary(index: PatternIndex, bytes: Uint8Array): boolean {
  let found = false;
  findInBytes(index, bytes, () => {
    found = true;
  });
  return found;
}

/** The quoted strings of a call; with `-xx` every byte of them is written as `\xNN`. */
function stringsOf(details: string): readonly Buffer[] {
  return Array.from(details.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g), ([, quoted]) =>
    Buffer.from(quoted.replaceAll("\\x", ""), "hex"),
  );
}
