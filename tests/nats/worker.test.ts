import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect as openSocket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { connect, type NatsConnection, type ServiceHandler, type ServiceMsg } from "nats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EarshotError } from "../../src/errors.js";
import { type Asker, createAsker } from "../../src/nats/asker.js";
import { type NatsWorker, type NatsWorkerOptions, runWorker } from "../../src/nats/worker.js";
import type { Scorer } from "../../src/server/scoring.js";
import { createTriage, type Triage } from "../../src/triage.js";
import type { Assessment } from "../../src/types.js";
import { type Broker, hasBroker, ifBroker, startBroker, temporaryFolder } from "./broker.js";

const KEY = new Uint8Array(32).fill(7);
const MESSAGES = [
  "I am going to do it tonight, I have everything here",
  "my dad is outside the door and he has a knife",
  "how do I apply for a school for next year?",
  "nataka kuzungumza na mtu",
  'he said "do not tell" \\ and\nthen\tleft',
  "😀 ok",
];

let broker: Broker;
let triage: Triage;
let connection: NatsConnection;
const connections: NatsConnection[] = [];
const workers: NatsWorker[] = [];
let subjects = 0;

/** A subject of its own for each test, so that no test is answered by the worker of another one. */
function nextSubject(): string {
  subjects += 1;
  return `test${subjects}.earshot`;
}

async function newConnection(): Promise<NatsConnection> {
  const opened = await connect({ servers: broker.url });
  connections.push(opened);
  return opened;
}

/** A worker with a connection of its own. */
async function startWorker(scorer: Scorer, options: NatsWorkerOptions): Promise<NatsWorker> {
  const worker = await runWorker(await newConnection(), scorer, options);
  workers.push(worker);
  return worker;
}

/** A scorer that answers as it is told, and counts. */
function scorerOf(assess: Scorer["assess"]): Scorer & { calls: number } {
  const scorer = {
    calls: 0,
    assess: (...parameters: Parameters<Scorer["assess"]>) => {
      scorer.calls += 1;
      return assess(...parameters);
    },
    conversation: () => {
      throw new EarshotError("INTERNAL");
    },
  };
  return scorer;
}

const assessmentOf = (id: string, change: Partial<Assessment> = {}): Assessment =>
  ({ schemaVersion: 1, id, urgency: "soon", priority: 0.3, review: [], ...change }) as unknown as Assessment;

/** What a call came to: the level, or the code of the error. */
const outcomeOf = (call: Promise<Assessment>): Promise<string> =>
  call.then(
    ({ urgency }) => urgency,
    (error) => (error instanceof EarshotError ? error.code : "other"),
  );

beforeAll(async () => {
  if (!hasBroker) return;
  broker = await startBroker();
  connection = await newConnection();
  triage = await createTriage({ country: "KE", now: () => new Date("2026-01-05T12:00:00Z") });
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop().catch(() => {})));
  await Promise.all(connections.map((each) => each.close()));
  await triage?.close();
  await broker?.stop();
});

describe(`answers${ifBroker}`, () => {
  let asker: Asker;
  beforeAll(async () => {
    if (!hasBroker) return;
    const subject = nextSubject();
    await startWorker(triage, { subject, conversationKey: KEY });
    asker = createAsker(connection, { subject });
  });

  it.runIf(hasBroker).each(MESSAGES)("%j is answered as by the library", async (text) => {
    const context = { id: "a-1", language: "en", country: "UG", age: 15 };
    const expected = JSON.parse(JSON.stringify(await triage.assess(text, context)));
    expect(await asker.assess(text, context)).toEqual(expected);
    expect(await asker.assess(new TextEncoder().encode(text), context)).toEqual(expected);
  });

  it.runIf(hasBroker)(
    "conversations go on at any worker with the key, and their answers are those of the library",
    async () => {
      const subject = nextSubject();
      await startWorker(triage, { subject, conversationKey: KEY });
      await startWorker(triage, { subject, conversationKey: KEY });
      const chat = createAsker(connection, { subject }).conversation({ country: "KE" });
      const own = triage.conversation({ country: "KE", key: KEY });
      for (const [index, text] of MESSAGES.entries()) {
        const turn = { by: "person", at: Date.UTC(2026, 0, 5) + index * 60_000 } as const;
        expect(await chat.assess(text, turn)).toEqual(JSON.parse(JSON.stringify(await own.assess(text, turn))));
      }
      expect(chat.save()).toHaveLength(own.save().length);
    },
  );

  it.runIf(hasBroker).each([
    ["an empty text", (): Promise<Assessment> => asker.assess("  "), "TEXT_EMPTY"],
    ["a country that is none", (): Promise<Assessment> => asker.assess("hi", { country: "ZZZ" }), "FIELD_INVALID"],
    [
      "a conversation that was changed",
      (): Promise<Assessment> => asker.conversation({ state: new Uint8Array(100) }).assess("hi", { by: "person" }),
      "CONVERSATION_INVALID",
    ],
    [
      "a message that is longer than the server passes on",
      (): Promise<Assessment> => asker.assess("x".repeat(1_100_000)),
      "BODY_TOO_LARGE",
    ],
    ["no text at all", (): Promise<Assessment> => asker.assess(7 as unknown as string), "INPUT_INVALID"],
  ])("%s is the asker's own error", async (_, call, code) => {
    expect(await outcomeOf(call())).toBe(code);
  });

  it.runIf(hasBroker).each([
    ["no JSON", "earshot.assess", "hello", 400, "LINE_NOT_JSON"],
    ["an empty message", "earshot.assess", "", 400, "LINE_NOT_JSON"],
    ["a turn without a speaker", "earshot.conversation", '{"text":"hi"}', 400, "FIELD_INVALID"],
  ])("%s is answered with the headers of the services protocol", async (_, path, payload, status, code) => {
    const subject = nextSubject();
    await startWorker(triage, { subject: `${subject}.earshot`, conversationKey: KEY });
    const answer = await connection.request(`${subject}.${path}`, payload);
    expect(answer.headers?.get("Nats-Service-Error-Code")).toBe(String(status));
    expect(answer.json()).toMatchObject({ error: code, details: {} });
  });

  it.runIf(hasBroker)("wipes what it was given before the scorer answers", async () => {
    const subject = nextSubject();
    let text = new Uint8Array(0);
    const scorer = scorerOf(async (bytes) => {
      text = bytes as Uint8Array<ArrayBuffer>;
      expect(Buffer.from(text).toString()).toBe("a word");
      return assessmentOf("1");
    });
    await startWorker(scorer, { subject });
    await createAsker(connection, { subject }).assess("a word");
    expect(text.every((byte) => byte === 0)).toBe(true);
  });
});

describe("a message", () => {
  it.each([
    ["a text", '{"text":"a word"}'],
    ["no JSON", "a word"],
  ])("is wiped where the client holds it before anything waits: %s", async (_, payload) => {
    const handlers: ServiceHandler[] = [];
    const endpoints = { addEndpoint: (__: string, { handler }: { handler: ServiceHandler }) => handlers.push(handler) };
    const service = { addGroup: () => endpoints, isStopped: false, stopped: new Promise(() => {}) };
    const client = { services: { add: async () => service }, flush: async () => {}, isClosed: () => false };
    const told: number[] = [];
    const data = new TextEncoder().encode(payload);
    const sum = (): number => data.reduce((total, byte) => total + byte, 0);
    await runWorker(
      client as unknown as NatsConnection,
      scorerOf(async () => assessmentOf("1")),
      {
        onMessage: () => told.push(sum()),
      },
    );
    handlers[0](null, { reply: "r", data, respond: () => true, respondError: () => true } as unknown as ServiceMsg);
    expect(sum()).toBe(0);
    expect(told).toEqual([0]);
  });
});

describe(`what goes wrong on the way${ifBroker}`, () => {
  it.runIf(hasBroker)("without a worker it is an error, after all attempts", async () => {
    const began = performance.now();
    const asker = createAsker(connection, { subject: nextSubject(), attempts: 3 });
    expect(await outcomeOf(asker.assess("hi"))).toBe("SERVICE_UNREACHABLE");
    expect(performance.now() - began).toBeGreaterThan(50 + 100);
  });

  it.runIf(hasBroker)("another worker takes what the first one leaves unanswered", async () => {
    const subject = nextSubject();
    const silent = await newConnection();
    let swallowed = 0;
    silent.subscribe(`${subject}.assess`, {
      queue: "earshot",
      callback: () => {
        swallowed += 1;
      },
    });
    await silent.flush();
    const asker = createAsker(connection, { subject, timeoutMs: 100, attempts: 30 });
    await startWorker(
      scorerOf(async () => assessmentOf("1")),
      { subject },
    );
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcomeOf(asker.assess("hi"))));
    expect(new Set(outcomes)).toEqual(new Set(["soon"]));
    expect(swallowed).toBeGreaterThan(0);
  });

  it.runIf(hasBroker)(
    "an answer that comes too late is not taken for that of a later attempt, and counts for nothing",
    async () => {
      const subject = nextSubject();
      let calls = 0;
      const slow = scorerOf(async () => {
        calls += 1;
        const call = calls;
        await delay(call === 1 ? 300 : 0);
        return assessmentOf(`answer ${call}`);
      });
      await startWorker(slow, { subject });
      const asker = createAsker(connection, { subject, timeoutMs: 150, attempts: 3 });
      const { id } = await asker.assess("hi");
      expect(id).toBe("answer 2");
      await delay(300);
      expect(await asker.assess("hi")).toMatchObject({ id: "answer 3" });
      expect(calls).toBe(3);
    },
  );

  it.runIf(hasBroker).each([
    ["text that is no JSON", "hello"],
    ["nothing", ""],
    ["an object of something else", '{"urgency":"routine"}'],
    ["an assessment of another version", '{"schemaVersion":2,"urgency":"routine"}'],
  ])("%s is never taken for an answer", async (_, answer) => {
    const subject = nextSubject();
    const other = await newConnection();
    other.subscribe(`${subject}.assess`, { callback: (__, message) => message.respond(answer) });
    await other.flush();
    expect(await outcomeOf(createAsker(connection, { subject }).assess("hi"))).toBe("ANSWER_INVALID");
  });

  it.runIf(hasBroker).each([
    ["WORKER_FAILED", 3],
    ["INTERNAL", 3],
    ["TEXT_EMPTY", 1],
  ] as const)("%s of a worker: asked %i times", async (code, times) => {
    const subject = nextSubject();
    const scorer = scorerOf(() => Promise.reject(new EarshotError(code)));
    await startWorker(scorer, { subject });
    expect(await outcomeOf(createAsker(connection, { subject, attempts: 3 }).assess("hi"))).toBe(code);
    expect(scorer.calls).toBe(times);
  });

  it.runIf(hasBroker)("a fault of the scorer says nothing of the message", async () => {
    const subject = nextSubject();
    await startWorker(
      scorerOf(() => Promise.reject(new Error("secret words"))),
      { subject },
    );
    const answer = await connection.request(`${subject}.assess`, '{"text":"secret words"}');
    expect(answer.string()).not.toContain("secret");
    expect(answer.json()).toMatchObject({ error: "INTERNAL" });
  });

  it.runIf(hasBroker)("a lost connection of the asker is an error", async () => {
    const own = await newConnection();
    await own.close();
    const asker = createAsker(own, { attempts: 1 });
    expect(await outcomeOf(asker.assess("hi"))).toBe("SERVICE_UNREACHABLE");
  });
});

describe(`too many messages${ifBroker}`, () => {
  it.runIf(hasBroker)("the surplus is refused at once, except what is immediate or settled", async () => {
    const subject = nextSubject();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const scorer = scorerOf(async (text, options) => {
      const word = Buffer.from(text as Uint8Array).toString();
      if (options?.secondLook !== false) {
        await held;
        return assessmentOf("waited");
      }
      if (word === "settled") return assessmentOf(word, { urgency: "routine" });
      return assessmentOf(word, { urgency: word === "now" ? "immediate" : "soon", review: ["SECOND_LOOK_SKIPPED"] });
    });
    await startWorker(scorer, { subject, maximumInFlight: 2 });
    const once = createAsker(connection, { subject, attempts: 1 });
    const first = [outcomeOf(once.assess("a")), outcomeOf(once.assess("b"))];
    await connection.flush();
    expect(await outcomeOf(once.assess("c"))).toBe("OVERLOADED");
    expect(await outcomeOf(once.assess("now"))).toBe("immediate");
    expect(await outcomeOf(once.assess("settled"))).toBe("routine");
    const patient = outcomeOf(createAsker(connection, { subject, attempts: 5 }).assess("d"));
    await delay(50);
    release();
    expect(await Promise.all([...first, patient])).toEqual(["soon", "soon", "soon"]);
  });

  it.runIf(hasBroker)("what a worker refuses, another one of the group takes", async () => {
    const subject = nextSubject();
    const full = scorerOf(async (_, options) => {
      if (options?.secondLook !== false) await new Promise(() => {});
      return assessmentOf("full", { review: ["SECOND_LOOK_SKIPPED"] });
    });
    const free = scorerOf(async () => assessmentOf("free"));
    await runWorker(await newConnection(), full, { subject, maximumInFlight: 1 });
    const asker = createAsker(connection, { subject, timeoutMs: 300, attempts: 30 });
    // Holds the only place of the first worker.
    void outcomeOf(createAsker(connection, { subject, attempts: 1 }).assess("held"));
    await connection.flush();
    await startWorker(free, { subject });
    const answers = await Promise.all(Array.from({ length: 10 }, () => asker.assess("hi")));
    expect(new Set(answers.map(({ id }) => id))).toEqual(new Set(["free"]));
  });
});

describe(`taking part${ifBroker}`, () => {
  it.runIf(hasBroker)(
    "a queue group shares the messages: each goes to one worker, and every worker gets some",
    async () => {
      const subject = nextSubject();
      const crew = await Promise.all(
        Array.from({ length: 3 }, async () => {
          const scorer = scorerOf(async () => assessmentOf("1"));
          await startWorker(scorer, { subject });
          return scorer;
        }),
      );
      const asker = createAsker(connection, { subject, attempts: 1 });
      await Promise.all(Array.from({ length: 300 }, () => asker.assess("hi")));
      const calls = crew.map((scorer) => scorer.calls);
      expect(calls.reduce((sum, count) => sum + count)).toBe(300);
      for (const count of calls) expect(count).toBeGreaterThan(30);
    },
  );

  it.runIf(hasBroker)("a stopping worker answers what it has and takes no more", async () => {
    const subject = nextSubject();
    const own = await newConnection();
    const worker = await runWorker(
      own,
      scorerOf(async () => {
        await delay(200);
        return assessmentOf("1");
      }),
      { subject },
    );
    const asker = createAsker(connection, { subject, attempts: 1 });
    const asked = Array.from({ length: 5 }, () => outcomeOf(asker.assess("hi")));
    await connection.flush();
    await worker.stop();
    await own.close();
    expect(await worker.ended).toBeUndefined();
    expect(await Promise.all(asked)).toEqual(Array(5).fill("soon"));
    expect(await outcomeOf(asker.assess("hi"))).toBe("SERVICE_UNREACHABLE");
  });

  it.runIf(hasBroker)("is found and counted by the services protocol, as raw bytes", async () => {
    const subject = nextSubject();
    await startWorker(
      scorerOf(async (text) => {
        if (Buffer.from(text as Uint8Array).toString() === "bad") throw new EarshotError("TEXT_EMPTY");
        return assessmentOf("1");
      }),
      { subject, conversationKey: KEY },
    );
    const asker = createAsker(connection, { subject, attempts: 1 });
    await asker.assess("hi");
    expect(await outcomeOf(asker.assess("bad"))).toBe("TEXT_EMPTY");

    const socket = openSocket(broker.port, "127.0.0.1");
    await once(socket, "data");
    let received = "";
    socket.on("data", (bytes: Buffer) => {
      received += bytes.toString("latin1");
    });
    socket.write('CONNECT {"verbose":false}\r\nSUB reply 1\r\n');
    for (const verb of ["PING", "INFO", "STATS"]) socket.write(`PUB $SRV.${verb}.earshot reply 0\r\n\r\n`);
    socket.write("PING\r\n");
    await expect.poll(() => received.match(/_response/g)?.length ?? 0).toBeGreaterThanOrEqual(3 * 2);
    await delay(100);
    socket.destroy();
    const answers = [...received.matchAll(/^MSG reply 1 \d+\r\n(.*)\r$/gm)].map(([, json]) => JSON.parse(json));
    const own = answers.filter((answer) => JSON.stringify(answer).includes(`"${subject}.assess"`));
    const [info, stats] = ["info", "stats"].map((type) =>
      own.find((answer) => answer.type === `io.nats.micro.v1.${type}_response`),
    );
    expect(answers.find(({ type, id }) => type === "io.nats.micro.v1.ping_response" && id === info.id)).toMatchObject({
      name: "earshot",
      version: "1.0.0",
    });
    expect(info.endpoints.map((endpoint: { subject: string }) => endpoint.subject)).toEqual([
      `${subject}.assess`,
      `${subject}.conversation`,
    ]);
    expect(stats.endpoints[0]).toMatchObject({
      num_requests: 2,
      queue_group: "earshot",
      data: { answered: 1, refused: 1, overloaded: 0, inFlight: 0 },
    });
  });

  it.runIf(hasBroker)("refuses to start where the account may not use the subjects", async () => {
    const file = `${temporaryFolder()}/nats.conf`;
    writeFileSync(
      file,
      `authorization { users = [ { user: "a", password: "b", permissions: { subscribe: ["_INBOX.>", "$SRV.>"] } } ] }`,
    );
    const strict = await startBroker(["-c", file]);
    const own = await connect({ servers: strict.url, user: "a", pass: "b" });
    await expect(runWorker(own, triage, {})).rejects.toMatchObject({ code: "BROKER_REFUSED" });
    await own.close();
    await strict.stop();
  });

  it.runIf(hasBroker).each(["", "a b", "a.>", "*", ".a", "a."])("refuses the subject %j", async (subject) => {
    await expect(runWorker(connection, triage, { subject })).rejects.toMatchObject({ code: "INPUT_INVALID" });
  });

  it.runIf(hasBroker).each([{ timeoutMs: 0 }, { timeoutMs: Number.NaN }, { attempts: 0 }, { attempts: 1.5 }])(
    "an asker refuses %j",
    (options) => {
      expect(() => createAsker(connection, options)).toThrow(expect.objectContaining({ code: "INPUT_INVALID" }));
    },
  );
});
