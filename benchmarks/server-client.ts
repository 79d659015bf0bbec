import { connect, type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { createRandom } from "../src/evaluation/random.js";

/** A request as bytes, ready to be sent again and again. */
export interface PreparedRequest {
  readonly bytes: Uint8Array;
  /** Whether words and rules alone say `immediate`: such a message has to be answered however much there is to do. */
  readonly isImmediate: boolean;
  /** Send half of it and break off, as clients do whose network fails. */
  readonly isBrokenOff?: boolean;
}

/** What one load brought. */
export interface Outcome {
  readonly seconds: number;
  /** Answers per status. */
  readonly statuses: Readonly<Record<number, number>>;
  /** Connections that ended before the answer. */
  readonly failed: number;
  /** From the moment at which the request was to be sent to its answer, sorted; answers with status 200 only. */
  readonly latenciesMs: readonly number[];
  /** How much later than that the sender sent them, sorted. */
  readonly lateMs: readonly number[];
  readonly immediate: { readonly asked: number; readonly answered: number };
}

const HEADER_END = Buffer.from("\r\n\r\n");

interface Connection {
  ask(bytes: Uint8Array): Promise<number>;
  close(): void;
}

/** A connection that is kept open; one request at a time. It opens anew after an error. */
function openConnection(port: number): Connection {
  let socket: Socket | undefined;
  let received: Buffer = Buffer.alloc(0);
  let settle: { resolve: (status: number) => void; reject: () => void } | undefined;

  const open = (): Socket => {
    const opened = connect(port, "127.0.0.1").setNoDelay(true);
    opened.on("data", (chunk) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const headerEnd = received.indexOf(HEADER_END);
      if (headerEnd < 0) return;
      const head = received.toString("latin1", 0, headerEnd);
      const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
      const isWhole =
        length === undefined
          ? received.includes("\r\n0\r\n\r\n", headerEnd)
          : received.length >= headerEnd + 4 + Number(length);
      if (!isWhole) return;
      received = Buffer.alloc(0);
      settle?.resolve(Number(head.slice(9, 12)));
      settle = undefined;
    });
    opened.on("error", () => {});
    opened.on("close", () => {
      if (socket === opened) socket = undefined;
      received = Buffer.alloc(0);
      settle?.reject();
      settle = undefined;
    });
    return opened;
  };

  return {
    ask: (bytes) =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject };
        socket ??= open();
        socket.write(bytes);
      }),
    close: () => socket?.destroy(),
  };
}

function breakOff(port: number, { bytes }: PreparedRequest): void {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  socket.write(bytes.subarray(0, bytes.length / 2), () => socket.destroy());
}

const byValue = (one: number, other: number): number => one - other;

function createTally() {
  const statuses: Record<number, number> = {};
  const latenciesMs: number[] = [];
  const lateMs: number[] = [];
  const immediate = { asked: 0, answered: 0 };
  let failed = 0;
  const begun = performance.now();
  return {
    async measure(connection: Connection, { bytes, isImmediate }: PreparedRequest, intendedMs: number): Promise<void> {
      if (isImmediate) immediate.asked += 1;
      lateMs.push(performance.now() - intendedMs);
      try {
        const status = await connection.ask(bytes);
        statuses[status] = (statuses[status] ?? 0) + 1;
        if (status !== 200) return;
        latenciesMs.push(performance.now() - intendedMs);
        if (isImmediate) immediate.answered += 1;
      } catch {
        failed += 1;
      }
    },
    outcome: (): Outcome => ({
      seconds: (performance.now() - begun) / 1000,
      statuses,
      failed,
      latenciesMs: latenciesMs.sort(byValue),
      lateMs: lateMs.sort(byValue),
      immediate,
    }),
  };
}

/** Each client asks again as soon as it is answered: how much the server does at most. */
export async function runClosed(
  port: number,
  requests: readonly PreparedRequest[],
  clients: number,
  milliseconds: number,
): Promise<Outcome> {
  const tally = createTally();
  const until = performance.now() + milliseconds;
  let next = 0;
  const client = async (): Promise<void> => {
    const connection = openConnection(port);
    while (performance.now() < until)
      await tally.measure(connection, requests[next++ % requests.length], performance.now());
    connection.close();
  };
  await Promise.all(Array.from({ length: clients }, client));
  return tally.outcome();
}

/**
 * Requests at random moments (a Poisson process), whether the ones before are answered or not. Where no connection is
 * free a request waits, and that counts: each time runs from the moment at which the request was to be sent.
 */
export async function runOpen(
  port: number,
  requests: readonly PreparedRequest[],
  { perSecond, count, connections, seed }: { perSecond: number; count: number; connections: number; seed: number },
): Promise<Outcome> {
  const random = createRandom(seed);
  const tally = createTally();
  const free = Array.from({ length: connections }, () => openConnection(port));
  const all = [...free];
  const waiting: { readonly request: PreparedRequest; readonly intendedMs: number }[] = [];
  const running = new Set<Promise<void>>();

  const dispatch = (): void => {
    while (free.length > 0 && waiting.length > 0) {
      const connection = free.pop();
      const item = waiting.shift();
      if (connection === undefined || item === undefined) return;
      const work = tally.measure(connection, item.request, item.intendedMs).then(() => {
        running.delete(work);
        free.push(connection);
        dispatch();
      });
      running.add(work);
    }
  };

  let intendedMs = performance.now();
  for (let sent = 0; sent < count; sent += 1) {
    intendedMs += (-Math.log(1 - random()) / perSecond) * 1000;
    const request = requests[Math.floor(random() * requests.length)];
    // Timers of Node.js wait for a millisecond at least; what is due by then is sent together, and counts as late.
    if (intendedMs > performance.now()) await setTimeout(intendedMs - performance.now());
    if (request.isBrokenOff) breakOff(port, request);
    else waiting.push({ request, intendedMs });
    dispatch();
  }
  while (running.size > 0 || waiting.length > 0) await Promise.race([...running, setTimeout(100)]);
  for (const connection of all) connection.close();
  return tally.outcome();
}
