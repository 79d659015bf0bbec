import { availableParallelism } from "node:os";
import { createConversation } from "../conversation/conversation.js";
import { EarshotError, isEarshotError } from "../errors.js";
import { silenceWorkers } from "../runtimes/before-workers.js";
import { checkCountry } from "../triage/checks.js";
import { createFirstStage, type FirstLook } from "../triage/first-stage.js";
import type { AssessOptions, Message } from "../triage.js";
import type { Assessment } from "../types.js";
import { startCrew } from "./crew.js";
import { orderedStream } from "./ordered-stream.js";
import type { TriagePool, TriagePoolOptions } from "./pool-types.js";
import { createTurns } from "./turns.js";

const MAXIMUM_WORKERS = 64;
const MAXIMUM_WAITING = 1_000;
const WORKER_TIMEOUT_MS = 10_000;
/** The longest time that a timer of Node.js can have. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;
/** One that is scored and one that waits, so that no worker waits for the caller. */
const AHEAD_PER_WORKER = 2;
/** Bytes or, of a string, UTF-16 units up to which the words are looked at in the thread that asks: 0.15 milliseconds. */
const SHORT = 2048;

/**
 * See `createTriagePool`.
 *
 * @param file the built program of a worker
 */
export async function createPool(options: TriagePoolOptions, file: URL): Promise<TriagePool> {
  const {
    workers = Math.min(MAXIMUM_WORKERS, Math.max(1, availableParallelism() - 1)),
    maximumWaiting = MAXIMUM_WAITING,
    workerTimeoutMs = WORKER_TIMEOUT_MS,
    now = () => new Date(),
    ...scoring
  } = options;
  checkNumber(workers, 1, MAXIMUM_WORKERS);
  checkNumber(maximumWaiting, 0, Number.MAX_SAFE_INTEGER);
  checkNumber(workerTimeoutMs, 1, LONGEST_TIMEOUT_MS);
  silenceWorkers();
  // First what is refused at once, and only then threads.
  const stage = await createFirstStage({ ...scoring, now });
  const crew = await startCrew({ file, workers, timeoutMs: workerTimeoutMs, scoring, now });
  const nextTurn = createTurns();
  let closed = false;

  const look = (text: Uint8Array | string, context: AssessOptions): FirstLook =>
    stage.withBytes(text, (bytes) => stage.look(bytes, context));

  const assessWithin = async (
    text: Uint8Array | string,
    context: AssessOptions,
    limit: number,
  ): Promise<Assessment> => {
    if (typeof text !== "string" && !(text instanceof Uint8Array)) throw new EarshotError("INPUT_INVALID");
    const skips = context.secondLook === false;
    const isLookedAtHere = skips || text.length <= SHORT;
    const turn = isLookedAtHere ? nextTurn(text.length) : undefined;
    if (turn !== undefined) await turn;
    if (closed) throw new EarshotError("CLOSED");
    const first = isLookedAtHere ? look(text, context) : undefined;
    if (first?.scored.unsettled === false) return stage.toAssessment(first);
    if (first !== undefined && skips) return stage.toAssessment(first, "SECOND_LOOK_SKIPPED");
    try {
      return await crew.assess(text, pickContext(context), limit);
    } catch (error) {
      if (!(isEarshotError(error) && error.code === "WORKER_FAILED")) throw error;
    }
    const alone = first ?? look(text, context);
    return stage.toAssessment(alone, alone.scored.unsettled ? "MODEL_UNAVAILABLE" : undefined);
  };
  const assess: TriagePool["assess"] = (text, context = {}) => assessWithin(text, context, maximumWaiting);

  const close = (): Promise<void> => {
    closed = true;
    return crew.close();
  };

  return {
    assess,
    stream: (messages) =>
      orderedStream<Message, Assessment>(messages, workers * AHEAD_PER_WORKER, ({ text, ...context }) =>
        assessWithin(text, context, Number.POSITIVE_INFINITY),
      ),
    conversation(own = {}) {
      if (closed) throw new EarshotError("CLOSED");
      checkCountry(own.country);
      return createConversation({ assess, boundTo: [stage.names.pack, stage.names.policy], now }, own);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Nothing else of the caller's object is copied to the worker. */
function pickContext({ id, language, country, age, spans, referral }: AssessOptions): AssessOptions {
  return {
    ...(id !== undefined && { id }),
    ...(language !== undefined && { language }),
    ...(country !== undefined && { country }),
    ...(age !== undefined && { age }),
    ...(spans !== undefined && { spans }),
    ...(referral !== undefined && { referral }),
  };
}

function checkNumber(value: number, least: number, most: number): void {
  if (!(Number.isInteger(value) && value >= least && value <= most)) throw new EarshotError("INPUT_INVALID");
}
