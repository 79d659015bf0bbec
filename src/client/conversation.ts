import { Buffer } from "node:buffer";
import { EarshotError } from "../errors.js";
import type { Assessment, Trend } from "../types.js";
import type { ConversationAnswer } from "../wire.js";
import { expectAnswer, isAssessment, parseObject } from "./answers.js";
import type { ClientConversation, ClientConversationOptions, ClientTurn } from "./client-types.js";
import { assessPath, contextFields } from "./fields.js";

/** Sends a message and returns the JSON of the answer. */
export type Post = (
  path: string,
  text: Uint8Array | string,
  fields: Readonly<Record<string, unknown>>,
) => Promise<string>;

/** See `Client.conversation`. */
export function createClientConversation(post: Post, options: ClientConversationOptions): ClientConversation {
  const { country } = options;
  if (options.state !== undefined && !(options.state instanceof Uint8Array)) throw new EarshotError("INPUT_INVALID");
  let state = options.state && Buffer.from(options.state).toString("base64");
  let queue: Promise<unknown> = Promise.resolve();

  const takeTurn = async (
    text: Uint8Array | string,
    turn: ClientTurn,
  ): Promise<Assessment & { readonly trend: Trend }> => {
    const { by: speaker, at, spans } = turn;
    const fields = { ...contextFields({ ...(country !== undefined && { country }), ...turn }), speaker, at, state };
    const json = await post(assessPath("/v1/conversations/assess", spans), text, fields);
    const answer = expectAnswer<ConversationAnswer>(
      parseObject(json),
      ({ state, assessment }) => typeof state === "string" && isAssessment(assessment),
    );
    state = answer.state;
    return answer.assessment;
  };

  return {
    assess: (text, turn) => {
      // The state of one turn goes with the next, so that they can only be asked one after the other.
      const result = queue.then(() => takeTurn(text, turn));
      queue = result.catch(() => undefined);
      return result;
    },
    save: () => (state === undefined ? undefined : new Uint8Array(Buffer.from(state, "base64"))),
  };
}
