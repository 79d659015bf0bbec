import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPatternIndex, findInBytes } from "../../src/audit/pattern-index.js";
import { encodeText } from "../../src/audit/text-encodings.js";
import { type EarshotErrorCode, ERROR_MESSAGES } from "../../src/errors.js";
import { createTriage } from "../../src/index.js";
import { CANARY, EVERY_CUT, type FuzzCase, fuzzCases } from "./fuzz-grammar.js";
import { type Exchange, exchange, type RawAnswer } from "./raw-client.js";
import { type StartedServer, startServer } from "./started-server.js";

const CASES = 10_000;
const SEED = 20_261_122;
const AT_ONCE = 16;
const TIMEOUT_MS = 20_000;
const START_TIMEOUT_MS = 60_000;
/** A server that refuses before it has read all closes a connection on which bytes still come; then its answer may be lost. */
const MOST_LOST_ANSWERS = 20;
const GOOD_EVERY = 250;
const GOOD_TEXT = "I have pills here and I want to die tonight";

/** The statuses of the HTTP contract. */
const DOCUMENTED = [200, 400, 401, 403, 404, 405, 408, 409, 413, 415, 429, 500, 503];

const leaks = createPatternIndex(encodeText(CANARY));
function countLeaks(bytes: Uint8Array): number {
  let found = 0;
  findInBytes(leaks, bytes, () => {
    found += 1;
  });
  return found;
}

/** What is wrong with an answer; undefined when nothing is. */
function faultOf(answer: RawAnswer, { expected, isHead }: FuzzCase): string | undefined {
  const { status, headers, body } = answer;
  if (!DOCUMENTED.includes(status)) return `status ${status}`;
  if (headers.get("cache-control") !== "no-store") return `${status} may be stored`;
  if (expected.status !== undefined && expected.status !== status) return `${status}, not ${expected.status}`;
  if (status === 200 || isHead) return undefined;
  if (headers.get("content-type") !== "application/json") return `${status} is ${headers.get("content-type")}`;
  return faultOfError(JSON.parse(body.toString()), expected.code);
}

function faultOfError(answer: Record<string, unknown>, expected: EarshotErrorCode | undefined): string | undefined {
  // The error shape of the Perspective API.
  if (typeof answer.error === "object") return undefined;
  const { error, message, details = {}, ...others } = answer;
  if (Object.keys(others).length > 0) return `more fields: ${Object.keys(others)}`;
  if (!(String(error) in ERROR_MESSAGES)) return `code ${error}`;
  if (expected !== undefined && error !== expected) return `${error}, not ${expected}`;
  if (message !== ERROR_MESSAGES[error as EarshotErrorCode]) return `${error} with another sentence`;
  const isPlain = Object.values(details as object).every((value) => ["number", "boolean"].includes(typeof value));
  return isPlain ? undefined : `${error} with details that are no numbers`;
}

/** What is wrong with what came back. */
function faultOfExchange(sent: FuzzCase, { answers, rest, received, ended }: Exchange): string | undefined {
  if (countLeaks(received) > 0) return "repeats what was sent";
  if (ended === "timeout") return "no end";
  if (sent.ending === "destroy") return undefined;
  // Where no request could be made out, the server cannot know that it was to have no body.
  if (rest > 0 && !sent.isHead) return "half an answer";
  if (answers.length < (sent.answers ?? 1)) {
    if (ended === "reset") return "lost";
    return sent.expected.status === undefined ? undefined : "no answer";
  }
  if (sent.answers === 2 && answers[0].status !== 200) return `first of two ${answers[0].status}`;
  const last = answers.at(-1);
  return last && faultOf(last, sent);
}

const triage = await createTriage({ country: "KE" });
const assessment = JSON.parse(JSON.stringify(await triage.assess(GOOD_TEXT)));
await triage.close();

describe("the server under 10,000 malformed requests", () => {
  let server: StartedServer;
  beforeAll(async () => {
    server = await startServer("--country", "KE", "--max-waiting", "1000");
  }, START_TIMEOUT_MS);
  afterAll(() => server.child.kill("SIGKILL"));

  const ask = (text: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${server.port}/v1/assess`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ text }),
    });
  const expectRightAnswer = async (): Promise<void> => {
    const answer = await ask(GOOD_TEXT);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual(assessment);
  };

  it("cuts at every place", () => {
    expect(EVERY_CUT.length).toBeGreaterThan(500);
  });

  it("answers with documented codes only, repeats nothing and goes on", async () => {
    const cases = fuzzCases(CASES, SEED);
    expect(cases).toHaveLength(CASES);
    const faults = new Map<string, number>();
    const families = new Map<string, number>();
    let next = 0;
    const client = async (): Promise<void> => {
      for (let index = next++; index < cases.length; index = next++) {
        const sent = cases[index];
        families.set(sent.family, (families.get(sent.family) ?? 0) + 1);
        const fault = faultOfExchange(sent, await exchange(server.port, sent, TIMEOUT_MS));
        const key = fault && (fault === "lost" ? fault : `${sent.family}: ${fault}`);
        if (key !== undefined) faults.set(key, (faults.get(key) ?? 0) + 1);
        if (index % GOOD_EVERY === 0) await expectRightAnswer();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, client));
    const lost = faults.get("lost") ?? 0;
    faults.delete("lost");
    expect(Object.fromEntries(faults)).toEqual({});
    expect(lost).toBeLessThanOrEqual(MOST_LOST_ANSWERS);
    expect(Math.min(...families.values())).toBeGreaterThanOrEqual(20);
    await expectRightAnswer();
  });

  it("forgets no request: none is still being answered", async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
    expect(/^http_server_active_requests (\d+)$/m.exec(metrics)?.[1]).toBe("1");
    expect(countLeaks(Buffer.from(metrics))).toBe(0);
  });

  it("says nothing but where it listens, and ends when asked to", async () => {
    expect(await server.stop()).toBe(0);
    expect(countLeaks(server.output())).toBe(0);
    expect(server.output().toString().trimEnd().split("\n")).toHaveLength(1);
  });

  it("is told by the contract which statuses there are", () => {
    const source = readFileSync(new URL("../../src/server/status.ts", import.meta.url), "utf8");
    expect(
      [...source.matchAll(/\b([2-5]\d\d)\b/g)]
        .map(([, status]) => Number(status))
        .filter((status) => !DOCUMENTED.includes(status)),
    ).toEqual([]);
  });
});
