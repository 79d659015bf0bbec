import { EarshotError, type EarshotErrorCode } from "../errors.js";
import type { AssessOptions } from "../triage.js";
import { sendJson } from "./answer.js";
import { answerLines } from "./assess-lines.js";
import { readWhole } from "./body.js";
import { type Exchange, mediaTypeOf } from "./exchange.js";
import { readMessage, readTurn } from "./intake.js";
import type { Limits } from "./limits.js";
import { readMessageQuery } from "./query.js";
import type { Scoring } from "./scoring.js";

/**
 * POST /v1/assess: one message as JSON or as it is, or many as lines.
 *
 * @param onRejected is told of each line that was answered by an error
 */
export async function answerMessages(
  exchange: Exchange,
  scoring: Scoring,
  limits: Limits,
  onRejected: (code: EarshotErrorCode) => void,
): Promise<void> {
  const defaults = readMessageQuery(exchange.target);
  switch (mediaTypeOf(exchange.incoming)) {
    case "application/json":
      return withBody(exchange, limits, async (bytes, length) => {
        const { text, options } = readMessage(bytes, 0, length, defaults);
        bytes.fill(0);
        await answerMessage(exchange, scoring, text, options);
      });
    case "text/plain":
      return withBody(exchange, limits, (bytes, length) =>
        answerMessage(exchange, scoring, bytes.subarray(0, length), defaults),
      );
    case "application/x-ndjson":
    case "application/jsonl":
      return answerLines(exchange, scoring, defaults, limits, onRejected);
    default:
      throw new EarshotError("MEDIA_TYPE_UNSUPPORTED");
  }
}

/** POST /v1/conversations/assess: one turn. */
export async function answerTurn(
  exchange: Exchange,
  scoring: Scoring,
  stateKey: Uint8Array | undefined,
  limits: Limits,
): Promise<void> {
  const defaults = readMessageQuery(exchange.target);
  if (mediaTypeOf(exchange.incoming) !== "application/json") throw new EarshotError("MEDIA_TYPE_UNSUPPORTED");
  await withBody(exchange, limits, async (bytes, length) => {
    const { text, turn, state } = readTurn(bytes, 0, length, defaults);
    bytes.fill(0);
    try {
      const conversation = { ...(stateKey && { key: stateKey }), ...(state && { state }) };
      sendJson(exchange.outgoing, 200, await scoring.takeTurn(text, turn, conversation));
    } finally {
      text.fill(0);
      state?.fill(0);
    }
  });
}

/** Gives a whole body to `use` and wipes it. */
export async function withBody(
  { body, account }: Exchange,
  limits: Limits,
  use: (bytes: Uint8Array, length: number) => Promise<void>,
): Promise<void> {
  const hold = (bytes: number): void => account.hold(bytes);
  const { bytes, length } = await readWhole(body, limits.messageBytes, limits.bodyTimeoutMs, hold);
  try {
    await use(bytes, length);
  } finally {
    bytes.fill(0);
  }
}

/** Scores a message, wipes it and sends the result. */
async function answerMessage(
  { outgoing }: Exchange,
  scoring: Scoring,
  text: Uint8Array,
  options: AssessOptions,
): Promise<void> {
  try {
    const assessment = await scoring.assess(text, options);
    text.fill(0);
    sendJson(outgoing, 200, assessment);
  } finally {
    text.fill(0);
  }
}
