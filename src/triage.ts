import { createConversation } from "./conversation/conversation.js";
import { EarshotError } from "./errors.js";
import type { TextScores } from "./model/text-model.js";
import { checkCountry } from "./triage/checks.js";
import { createFirstStage, type FirstLook, type Text } from "./triage/first-stage.js";
import { createSecondStage, type SecondStage } from "./triage/second-stage.js";
import type { AssessOptions, Message, Triage, TriageOptions } from "./triage/triage-types.js";
import type { Assessment, Scores } from "./types.js";

export { MAXIMUM_TEXT_BYTES } from "./triage/first-stage.js";
export type { AssessOptions, Message, Triage, TriageOptions } from "./triage/triage-types.js";

/** A triage that loads the second stage only when a message needs it. */
export interface LazyTriage extends Triage {
  /**
   * Loads the second stage, if there is to be one. A message that needs it does the same, and rejects as this does.
   *
   * @throws EarshotError `RUNTIME_MISSING`, `RUNTIME_REFUSED`, `RUNTIME_FAILED`
   */
  load(): Promise<void>;
}

/**
 * Sets up scoring with a model pack, a policy and a directory; without options all three are the bundled ones.
 *
 * @throws EarshotError `PACK_NOT_FOUND`, `PACK_INVALID`, `PACK_CORRUPT`, `POLICY_INVALID`, `DIRECTORY_INVALID`,
 *   `COUNTRY_UNKNOWN`; and when the pack has a second stage that the policy does not switch off, `RUNTIME_MISSING`,
 *   `RUNTIME_REFUSED` or `RUNTIME_FAILED`
 */
export async function createTriage(options: TriageOptions = {}): Promise<Triage> {
  const { load, ...triage } = await createLazyTriage(options);
  await load();
  return triage;
}

/**
 * As `createTriage`, but with the second stage still to load, for who must answer the first message soon.
 *
 * @throws EarshotError what `createTriage` throws for pack, policy, directory and country
 */
export async function createLazyTriage(options: TriageOptions = {}): Promise<LazyTriage> {
  const { model } = options;
  const { pack, ...stage } = await createFirstStage(options);
  const second = stage.wantsSecondLook ? createSecondStage(pack) : undefined;
  let closed = false;
  /** The encoder reads one message at a time, in buffers that hold it until it is done. */
  let reading: Promise<Scores> | undefined;

  interface Looked {
    readonly look: FirstLook;
    /** What a model in place of the pack's will say. */
    readonly instead?: Promise<TextScores>;
  }

  const lookAt = (text: Text, context: AssessOptions): Looked => {
    if (closed) throw new EarshotError("CLOSED");
    const look = stage.look(text, context, context.secondLook === false ? undefined : second?.encoder);
    const { source, start } = text;
    return model === undefined ? { look } : { look, instead: model.score(source, start, start + look.coverage.read) };
  };

  /** Adds the second look where there is one. If it fails, the first one stands, marked for a person. */
  const finish = async ({ look, instead }: Looked): Promise<Assessment> => {
    if (instead !== undefined) return finishWith(instead, look);
    const { scored, context } = look;
    if (!scored.unsettled) return stage.toAssessment(look);
    if (second === undefined || context.secondLook === false) return stage.toAssessment(look, "SECOND_LOOK_SKIPPED");
    reading = readAgain(second);
    let scores: Scores | undefined;
    try {
      scores = await reading;
    } catch {
      // Without a runtime no message can be read twice: that is told once and for all, and not marked one by one.
      await second.load();
    } finally {
      reading = undefined;
    }
    if (scores === undefined) return stage.toAssessment(look, "MODEL_UNAVAILABLE");
    return stage.toAssessment({ ...look, scored: { ...scored, scores } });
  };

  /** Takes the scores of the other model; without them the message is marked for a person. */
  const finishWith = async (instead: Promise<TextScores>, look: FirstLook): Promise<Assessment> => {
    const { scores: _, ...scored } = look.scored;
    let given: TextScores;
    try {
      given = await instead;
    } catch {
      return stage.toAssessment({ ...look, scored });
    }
    const truncated = look.coverage.truncated || given.truncated;
    const coverage = { ...look.coverage, truncated };
    return stage.toAssessment({ ...look, scored: { ...scored, scores: given.scores }, coverage });
  };

  const mustWait = ({ secondLook }: AssessOptions): boolean => reading !== undefined && secondLook !== false;

  const assessBytes: Triage["assessBytes"] = async (source, start, end, context = {}, truncated = false) => {
    // Without waiting where nobody reads, so that most messages are scored before the call returns.
    while (mustWait(context)) await reading?.catch(() => {});
    return finish(lookAt({ source, start, end, truncated }, context));
  };

  const assess: Triage["assess"] = async (message, context = {}) => {
    while (mustWait(context)) await reading?.catch(() => {});
    return finish(stage.withBytes(message, (text) => lookAt(text, context)));
  };

  async function* stream(
    messages: AsyncIterable<Message> | Iterable<Message>,
  ): AsyncGenerator<Assessment, void, undefined> {
    for await (const { text, ...context } of messages) yield assess(text, context);
  }

  const conversation: Triage["conversation"] = (options = {}) => {
    if (closed) throw new EarshotError("CLOSED");
    checkCountry(options.country);
    const { names, now } = stage;
    return createConversation({ assess, boundTo: [names.pack, names.policy], now }, options);
  };

  const load = async (): Promise<void> => {
    await second?.load();
  };

  const close = async (): Promise<void> => {
    closed = true;
    await reading?.catch(() => {});
    await second?.close();
    await model?.close();
  };

  return { assess, assessBytes, stream, conversation, load, close, [Symbol.asyncDispose]: close };
}

async function readAgain({ encoder, load }: SecondStage): Promise<Scores> {
  try {
    await load();
  } catch (error) {
    encoder.wipe();
    throw error;
  }
  return encoder.score();
}
