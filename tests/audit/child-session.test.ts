import { afterEach, describe, expect, it } from "vitest";
import { type ChildSession, startSession } from "../../src/audit/child-session.js";
import { createPatternIndex } from "../../src/audit/pattern-index.js";
import { program } from "./child-programs.js";

const SECRET = "q7Zk2Lw9Xc4V";
const INDEX = createPatternIndex([{ kind: "utf8", bytes: Buffer.from(SECRET) }]);
const ECHO = program("process.stdin.pipe(process.stdout);");
const line = (text: string): Uint8Array => Buffer.from(`${text}\n`);

let session: ChildSession | undefined;

async function start(command: readonly string[], replyTimeoutMs = 5000): Promise<ChildSession> {
  session = await startSession({ command, index: INDEX, replyTimeoutMs });
  if (session === undefined) throw new Error("not started");
  return session;
}

afterEach(async () => {
  await session?.close();
  session = undefined;
});

describe("startSession", () => {
  it("waits for one answer a line", async () => {
    const { send, outputBytes, leaks, rejections } = await start(ECHO);
    expect(await send([line("a"), line("b"), line("c")])).toBe(true);
    expect(await send([line("d")])).toBe(true);
    expect([outputBytes(), leaks(), rejections()]).toEqual([8, 0, 0]);
  });

  it("counts canaries on standard output", async () => {
    const { send, leaks } = await start(ECHO);
    await send([line(SECRET), line("..."), line(`x${SECRET}`)]);
    expect(leaks()).toBe(2);
  });

  it("counts canaries on standard error, also in two pieces", async () => {
    const source = `
      const [first, second] = ["${SECRET.slice(0, 5)}", "${SECRET.slice(5)}"];
      process.stderr.write(first);
      setTimeout(() => process.stderr.write(second), 50);
      setTimeout(() => process.stdout.write("{}\\n"), 150);
      process.stdin.resume();`;
    const { send, leaks } = await start(program(source));
    await send([line("go")]);
    expect(leaks()).toBe(1);
  });

  it("counts answers that are errors", async () => {
    const { send, rejections } = await start(ECHO);
    await send([line('{"line":1,"error":"TEXT_EMPTY"}'), line('{"urgency":"soon"}')]);
    expect(rejections()).toBe(1);
  });

  it("gives up on a program that does not answer", async () => {
    const { send } = await start(program("process.stdin.resume();"), 300);
    expect(await send([line("a")])).toBe(false);
  });

  it("does not wait for a program that has ended", async () => {
    const { send } = await start(program("process.exit(1);"), 60_000);
    expect(await send([line("a")])).toBe(false);
  });

  it("ends the program", async () => {
    const { pid, close } = await start(program("process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);"));
    await close();
    expect(() => process.kill(pid, 0)).toThrow();
  });

  it.each([
    ["does not exist", ["/nonexistent/program"]],
    ["is not named", []],
  ])("starts nothing that %s", async (_, command) => {
    expect(await startSession({ command, index: INDEX, replyTimeoutMs: 100 })).toBeUndefined();
  });
});
