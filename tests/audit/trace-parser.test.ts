import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPatternIndex } from "../../src/audit/pattern-index.js";
import { createTraceParser, type TraceFindings } from "../../src/audit/trace-parser.js";

const SECRET = "q7Zk2Lw9Xc4V";
const INDEX = createPatternIndex([{ kind: "utf8", bytes: Buffer.from(SECRET.slice(2, 10)) }]);

/** A string as `strace -xx` writes it. */
const quoted = (text: string): string =>
  `"${Array.from(Buffer.from(text), (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}"`;

function parse(...lines: readonly string[]): TraceFindings {
  const parser = createTraceParser(INDEX);
  parser.feed(Buffer.from(lines.map((line) => `${line}\n`).join("")));
  return parser.findings();
}

describe("createTraceParser", () => {
  it.each<[string, string, Partial<TraceFindings>]>([
    ["a socket", "7 socket(AF_INET6, SOCK_DGRAM|SOCK_CLOEXEC, IPPROTO_IP) = 3", { sockets: { AF_INET6: 1 } }],
    [
      "a refused socket",
      "7 socket(AF_INET, SOCK_STREAM, 0) = -1 EPERM (Operation not permitted)",
      { sockets: { AF_INET: 1 } },
    ],
    [
      "a connection",
      `7 connect(20, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr(${quoted("192.0.2.7")})}, 16) = 0`,
      { contacts: [{ family: "AF_INET", target: "192.0.2.7 port 443", isLookup: false }] },
    ],
    [
      "a look-up",
      `7 connect(20, {sa_family=AF_INET6, sin6_port=htons(53), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, ${quoted("2001:db8::1")}, &sin6_addr), sin6_scope_id=0}, 28) = 0`,
      { contacts: [{ family: "AF_INET6", target: "2001:db8::1 port 53", isLookup: true }] },
    ],
    [
      "a local resolver",
      `7 connect(20, {sa_family=AF_UNIX, sun_path=${quoted("/var/run/nscd/socket")}}, 110) = -1 ENOENT (No such file or directory)`,
      { contacts: [{ family: "AF_UNIX", target: "/var/run/nscd/socket", isLookup: true }] },
    ],
    [
      "an abstract local socket",
      `7 connect(20, {sa_family=AF_UNIX, sun_path=@${quoted("bus\0\0\0")}}, 110) = 0`,
      { contacts: [{ family: "AF_UNIX", target: "bus", isLookup: false }] },
    ],
    [
      "a datagram",
      `7 sendmsg(22, {msg_name={sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr(${quoted("127.0.0.1")})}, msg_namelen=16, msg_iov=[{iov_base=${quoted("hello")}, iov_len=5}], msg_iovlen=1}, 0) = 5`,
      { contacts: [{ family: "AF_INET", target: "127.0.0.1 port 9", isLookup: false }] },
    ],
    ["nothing in an undone connection", "7 connect(20, {sa_family=AF_UNSPEC}, 16) = 0", { contacts: [] }],
    [
      "a new file",
      `7 openat(AT_FDCWD, ${quoted("/tmp/a")}, O_WRONLY|O_CREAT|O_CLOEXEC, 0666) = 3`,
      { filesWritten: ["/tmp/a"] },
    ],
    ["a refused new file", `7 open(${quoted("/a")}, O_RDWR) = -1 EACCES (Permission denied)`, { filesWritten: ["/a"] }],
    ["a file by creat", `7 creat(${quoted("/tmp/b")}, 0600) = 3`, { filesWritten: ["/tmp/b"] }],
    [
      "a file by openat2",
      `7 openat2(AT_FDCWD, ${quoted("/tmp/c")}, {flags=O_RDWR, resolve=0}, 24) = 3`,
      { filesWritten: ["/tmp/c"] },
    ],
    ["a folder", `7 mkdirat(AT_FDCWD, ${quoted("/tmp/d")}, 0777) = 0`, { filesWritten: ["/tmp/d"] }],
    ["the new name of a file", `7 rename(${quoted("/tmp/a")}, ${quoted("/tmp/e")}) = 0`, { filesWritten: ["/tmp/e"] }],
    ["nothing in reading", `7 openat(AT_FDCWD, ${quoted("/etc/hosts")}, O_RDONLY|O_CLOEXEC) = 3`, { filesWritten: [] }],
    ["nothing in the null device", `7 openat(AT_FDCWD, ${quoted("/dev/null")}, O_RDWR) = 3`, { filesWritten: [] }],
    ["nothing in a terminal", `7 openat(AT_FDCWD, ${quoted("/dev/pts/12")}, O_RDWR) = 3`, { filesWritten: [] }],
    [
      "nothing in closing core dumps",
      `7 openat(AT_FDCWD, ${quoted("/proc/self/coredump_filter")}, O_WRONLY) = 3`,
      { filesWritten: [] },
    ],
    [
      "a file that only looks like a device",
      `7 openat(AT_FDCWD, ${quoted("/dev/shm/null")}, O_RDWR) = 3`,
      { filesWritten: ["/dev/shm/null"] },
    ],
    ["a ring", "7 io_uring_setup(64, {flags=IORING_SETUP_SQPOLL}) = 5", { rings: 1, ringsRefused: 0 }],
    [
      "a refused ring",
      "7 io_uring_setup(256, {flags=0x10000}) = -1 ENOSYS (Function not implemented) (INJECTED)",
      { rings: 0, ringsRefused: 1 },
    ],
    ["a canary that is written", `7 write(1, ${quoted(`say ${SECRET}\n`)}, 17) = 17`, { canaryCalls: 1 }],
    [
      "a canary in one of several buffers",
      `7 writev(1, [{iov_base=${quoted("x")}, iov_len=1}, {iov_base=${quoted(SECRET)}, iov_len=12}], 2) = 13`,
      { canaryCalls: 1 },
    ],
    ["a canary that is sent", `7 sendto(5, ${quoted(SECRET)}, 12, 0, NULL, 0) = 12`, { canaryCalls: 1 }],
    ["nothing in other bytes", `7 write(1, ${quoted("nothing to see here")}, 19) = 19`, { canaryCalls: 0 }],
  ])("reads %s", (_, line, expected) => {
    expect(parse(line)).toMatchObject({ calls: 1, pid: 7, ...expected });
  });

  it("passes over a local socket that the process has named itself, and only over that", () => {
    const address = (name: string): string => `{sa_family=AF_UNIX, sun_path=@${quoted(name)}}, 110) = 0`;
    const own = [`7 bind(20, ${address("own")}`, `7 connect(21, ${address("own")}`];
    expect(parse(...own).contacts).toEqual([]);
    expect(parse(...own, `7 connect(22, ${address("bus")}`).contacts).toMatchObject([{ target: "bus" }]);
    expect(parse(...own.toReversed()).contacts).toHaveLength(1);
  });

  it("counts a connection to an address that the process listens on", () => {
    const address = `{sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(${quoted("127.0.0.1")})}, 16) = 0`;
    expect(parse(`7 bind(20, ${address}`, `7 connect(21, ${address}`).contacts).toHaveLength(1);
  });

  it("joins calls that threads interrupt", () => {
    const findings = parse(
      `7 openat(AT_FDCWD, ${quoted("/tmp/a")}, O_WRONLY|O_CREAT, 0666 <unfinished ...>`,
      "8 socket(AF_INET, SOCK_DGRAM, IPPROTO_IP <unfinished ...>",
      "7 <... openat resumed>) = 4",
      "8 <... socket resumed>) = 5",
    );
    expect(findings).toMatchObject({ calls: 2, filesWritten: ["/tmp/a"], sockets: { AF_INET: 1 } });
  });

  it("counts a call that never came back", () => {
    expect(parse("7 socket(AF_INET, SOCK_DGRAM, IPPROTO_IP <unfinished ...>").sockets).toEqual({ AF_INET: 1 });
  });

  it.each(["", "7 +++ exited with 0 +++", "7 --- SIGCHLD {si_signo=SIGCHLD} ---", "strace: something went wrong"])(
    "takes %j for no call",
    (line) => {
      expect(parse(line)).toMatchObject({ calls: 0, sockets: {}, contacts: [], filesWritten: [] });
    },
  );

  it("does not depend on how the trace is cut into pieces", () => {
    const trace = Buffer.from(
      `7 socket(AF_INET, SOCK_DGRAM, 0) = 3\n7 write(1, ${quoted(SECRET)}, 12) = 12\n7 mkdir(${quoted("/tmp/ä")}, 0777) = 0\n`,
    );
    fc.assert(
      fc.property(fc.array(fc.nat(trace.length), { maxLength: 12 }), (cuts) => {
        const parser = createTraceParser(INDEX);
        const places = [0, ...cuts.sort((left, right) => left - right), trace.length];
        for (let index = 1; index < places.length; index += 1) {
          parser.feed(trace.subarray(places[index - 1], places[index]));
        }
        expect(parser.findings()).toMatchObject({
          calls: 3,
          sockets: { AF_INET: 1 },
          canaryCalls: 1,
          filesWritten: ["/tmp/ä"],
        });
      }),
    );
  });
});
