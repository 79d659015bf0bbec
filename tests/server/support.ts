import { once } from "node:events";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll } from "vitest";
import type { Scorer } from "../../src/server/index.js";
import { createServer, type EarshotServer, type ServerOptions } from "../../src/server/index.js";
import { LIMITS, type Limits } from "../../src/server/limits.js";
import { createTriage, type Triage } from "../../src/triage.js";
import type { Assessment } from "../../src/types.js";

/** One triage for a whole test file. */
export const triage: Triage = await createTriage({ country: "KE" });
const started: EarshotServer[] = [];

afterAll(async () => {
  for (const server of started) await server.close(0);
  await triage.close();
});

/** A message that the rules find immediate, and one that is routine. Both are settled by the first stage. */
export const IMMEDIATE = "I have the pills in my hand and I am going to take them all right now to die";
export const ROUTINE = "hi what time do you open tomorrow?";

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The text as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server sent, to be compared.
  readonly json: any;
}

/** A server on a free port. */
export interface TestServer {
  readonly server: EarshotServer;
  readonly port: number;
  ask(method: string, path: string, headers?: Record<string, string>, body?: string | Uint8Array): Promise<Answer>;
  /** Posts JSON. */
  post(path: string, body: unknown): Promise<Answer>;
  /** A connection of its own. */
  open(): Promise<Socket>;
}

export async function startTestServer(
  options: Partial<ServerOptions> = {},
  limits: Partial<Limits> = {},
): Promise<TestServer> {
  const server = await createServer({ triage, ...options }, { ...LIMITS, ...limits });
  started.push(server);
  const port = Number(new URL(await server.listen({ port: 0 })).port);
  await server.ready().catch(() => {});
  const ask: TestServer["ask"] = (...parameters) => askAt({ host: "127.0.0.1", port }, ...parameters);
  return {
    server,
    port,
    ask,
    post: (path, body) => ask("POST", path, { "content-type": "application/json" }, JSON.stringify(body)),
    async open() {
      const socket = connect({ port, host: "127.0.0.1" });
      socket.on("error", () => {});
      await once(socket, "connect");
      return socket;
    },
  };
}

/** Sends one request over a connection of its own. */
export async function askAt(
  where: { readonly host: string; readonly port: number } | { readonly socketPath: string },
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string | Uint8Array,
): Promise<Answer> {
  const request = httpRequest({ ...where, method, path, headers, agent: false });
  request.on("error", () => {});
  const answered = once(request, "response");
  request.end(body);
  const [response] = await answered;
  const whole = await text(response);
  const isJson = response.headers["content-type"] === "application/json" && whole !== "";
  return {
    status: response.statusCode,
    headers: response.headers,
    text: whole,
    json: isJson ? JSON.parse(whole) : undefined,
  };
}

/** Everything that a connection gives until it ends. */
export async function readToEnd(socket: Socket): Promise<string> {
  try {
    return await text(socket);
  } catch {
    return "reset";
  }
}

/** Resolves when the condition holds. */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 5_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("it did not come about");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A scorer that answers a message that needs a second look only when told to. */
export function heldScorer(): Scorer & { readonly held: number; release(): void } {
  let waiting: (() => void)[] = [];
  const assess: Scorer["assess"] = async (message, options = {}) => {
    const assessment: Assessment = await triage.assess(message, { ...options, secondLook: false });
    const isSettled = assessment.urgency === "immediate" || assessment.coverage.bytes <= 5;
    if (isSettled) return assessment;
    if (options.secondLook === false) return { ...assessment, review: [...assessment.review, "SECOND_LOOK_SKIPPED"] };
    await new Promise<void>((resolve) => waiting.push(resolve));
    return assessment;
  };
  return {
    assess,
    conversation: (options) => triage.conversation(options),
    get held() {
      return waiting.length;
    },
    release() {
      const woken = waiting;
      waiting = [];
      for (const resolve of woken) resolve();
    },
  };
}
