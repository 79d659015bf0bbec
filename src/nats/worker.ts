import type { NatsConnection, ServiceHandler, ServiceMsg } from "nats";
import { EarshotError } from "../errors.js";
import { createAdmission } from "../server/admission.js";
import { readMessage, readTurn } from "../server/intake.js";
import { createScoring, type Scorer } from "../server/scoring.js";
import { errorAnswer, statusOf, toKnownError } from "../server/status.js";

/** How a worker takes part. */
export interface NatsWorkerOptions {
  /** What the subjects begin with; `earshot` by default, which gives `earshot.assess` and `earshot.conversation`. */
  readonly subject?: string;
  /** Messages that are held at once; the surplus is answered by words and rules alone, or refused. 64 by default. */
  readonly maximumInFlight?: number;
  /**
   * Secret of 32 bytes or more, the same for all workers. Without it no turns of conversations are taken, because a
   * conversation that one worker saved could not be gone on with by another.
   */
  readonly conversationKey?: Uint8Array;
  /** Is called when a message was taken over from the connection. Must not throw. */
  readonly onMessage?: () => void;
}

/** A worker that takes messages. */
export interface NatsWorker {
  /** Takes no more, waits for what it has, and sends the answers off; the connection stays the caller's. */
  stop(): Promise<void>;
  /** Resolves when it takes no more; with an error when it was not told to stop: the account may not use the subjects. */
  readonly ended: Promise<EarshotError | undefined>;
}

const DEFAULT_SUBJECT = "earshot";
const DEFAULT_IN_FLIGHT = 64;
const QUEUE = "earshot";
/** Of the form of questions and answers, `schemaVersion` of an assessment. */
const INTERFACE_VERSION = "1.0.0";

/** Handles one request: reads `payload`, which it must have copied when it returns. */
type Answer = (payload: Uint8Array) => Promise<object>;

/**
 * Answers messages that come over NATS, as one of any number of workers of a queue group: each message goes to one of them.
 * The workers are found and counted by the NATS services protocol (`$SRV.PING`, `$SRV.INFO`, `$SRV.STATS`).
 *
 * A question is the JSON object that `POST /v1/assess` or `POST /v1/conversations/assess` of `earshot serve` takes, and so
 * is the answer; one that is an error has the header `Nats-Service-Error-Code` too. Nothing is stored: if no answer comes,
 * because the worker died or the connection broke, the asker has to ask again, as `createAsker` does.
 *
 * What was read of a message is wiped, but the client of the caller's connection has buffers of its own; `earshot work`
 * reads through others that are wiped, too.
 *
 * @throws EarshotError `BROKER_REFUSED` when the account may not use the subjects, `BROKER_UNREACHABLE` when the connection
 *   is closed, `INPUT_INVALID` for a subject or number that cannot be
 */
export async function runWorker(
  connection: NatsConnection,
  triage: Scorer,
  options: NatsWorkerOptions = {},
): Promise<NatsWorker> {
  const { subject = DEFAULT_SUBJECT, maximumInFlight = DEFAULT_IN_FLIGHT, conversationKey, onMessage } = options;
  if (!/^[\w-]+(\.[\w-]+)*$/.test(subject)) throw new EarshotError("INPUT_INVALID");
  if (!(Number.isInteger(maximumInFlight) && maximumInFlight >= 1)) throw new EarshotError("INPUT_INVALID");
  const counts = { answered: 0, refused: 0, overloaded: 0, inFlight: 0 };
  const scoring = createScoring(triage, createAdmission(maximumInFlight), () => {
    counts.answered += 1;
  });
  let resolveIdle: (() => void) | undefined;

  const assess: Answer = (payload) => {
    const { text, options: context } = readMessage(payload, 0, payload.length, {});
    return scoring.assess(text, context).finally(() => text.fill(0));
  };
  const takeTurn: Answer = (payload) => {
    const { text, turn, state } = readTurn(payload, 0, payload.length, {});
    const conversation = { ...(conversationKey && { key: conversationKey }), ...(state && { state }) };
    return scoring.takeTurn(text, turn, conversation).finally(() => text.fill(0));
  };

  const respond = async (message: ServiceMsg, answer: Answer): Promise<void> => {
    counts.inFlight += 1;
    try {
      sendAnswer(message, await takeOver(message, answer, onMessage));
    } catch (caught) {
      const error = toKnownError(caught);
      if (error.code === "OVERLOADED") counts.overloaded += 1;
      else counts.refused += 1;
      sendError(message, error);
    }
    counts.inFlight -= 1;
    if (counts.inFlight === 0) resolveIdle?.();
  };

  const handler =
    (answer: Answer): ServiceHandler =>
    (error, message) => {
      if (error === null) void respond(message, answer);
    };

  const service = await connection.services
    .add({
      name: "earshot",
      version: INTERFACE_VERSION,
      description: "Says how urgent a message to a helpline is. Suggests, never decides.",
      queue: QUEUE,
      statsHandler: () => Promise.resolve({ ...counts }),
    })
    .catch(() => {
      throw new EarshotError("BROKER_UNREACHABLE");
    });
  const group = service.addGroup(subject);
  group.addEndpoint("assess", { handler: handler(assess) });
  if (conversationKey !== undefined) group.addEndpoint("conversation", { handler: handler(takeTurn) });
  // What the account may not do, the server has said before its answer to this.
  await connection.flush().catch(() => {});
  if (service.isStopped) throw new EarshotError(connection.isClosed() ? "BROKER_UNREACHABLE" : "BROKER_REFUSED");

  let stopping = false;
  return {
    async stop() {
      stopping = true;
      await service.stop();
      if (counts.inFlight > 0) await new Promise<void>((resolve) => (resolveIdle = resolve));
      await connection.flush().catch(() => {});
    },
    ended: service.stopped.then(() =>
      stopping || connection.isClosed() ? undefined : new EarshotError("BROKER_REFUSED"),
    ),
  };
}

/** Everything that looks at the bytes of the message happens before this returns; then they are wiped. */
function takeOver(message: ServiceMsg, answer: Answer, onMessage: (() => void) | undefined): Promise<object> {
  const payload = message.data;
  try {
    // The client makes this string when it is first asked for, of bytes that are wiped by the time of the answer.
    if (message.reply === "") throw new EarshotError("REQUEST_INVALID");
    return answer(payload);
  } finally {
    payload.fill(0);
    onMessage?.();
  }
}

function sendAnswer(message: ServiceMsg, answer: object): void {
  message.respond(encode(answer));
}

function sendError(message: ServiceMsg, error: EarshotError): void {
  try {
    message.respondError(statusOf(error.code), error.message, encode(errorAnswer(error)));
  } catch {
    // The connection was closed, or the server takes no message of this length: the asker's time runs out.
  }
}

const encoder = new TextEncoder();

function encode(answer: object): Uint8Array {
  return encoder.encode(JSON.stringify(answer));
}
