import type { ConversationOptions, TurnOptions } from "../conversation/conversation.js";
import type { AssessOptions, Triage } from "../triage.js";
import type { Assessment } from "../types.js";
import type { ConversationAnswer } from "../wire.js";
import type { Admission } from "./admission.js";

/** What scores: a triage, or a pool. */
export type Scorer = Pick<Triage, "assess" | "conversation">;

/** Scores messages under the limit of how many may wait, and says how long each took. */
export interface Scoring {
  /** @throws EarshotError as `Triage.assess`; `OVERLOADED` */
  assess(text: Uint8Array, options: AssessOptions): Promise<Assessment>;
  /** The same for one of many, which can wait. */
  assessInStream(text: Uint8Array, options: AssessOptions): Promise<Assessment>;
  /** @throws EarshotError as `Triage.conversation` and `Conversation.assess`; `OVERLOADED` */
  takeTurn(text: Uint8Array, turn: TurnOptions, conversation: ConversationOptions): Promise<ConversationAnswer>;
}

/** @param onAssessed is told of every answer and how many seconds it took */
export function createScoring(
  scorer: Scorer,
  admission: Admission,
  onAssessed: (assessment: Assessment, seconds: number) => void,
): Scoring {
  const timed = async <Result extends Assessment>(score: () => Promise<Result>): Promise<Result> => {
    const began = performance.now();
    const result = await score();
    onAssessed(result, (performance.now() - began) / 1000);
    return result;
  };

  return {
    assess: (text, options) => timed(() => admission.admit((look) => scorer.assess(text, { ...options, ...look }))),
    assessInStream: (text, options) =>
      timed(() => admission.admitInStream((look) => scorer.assess(text, { ...options, ...look }))),
    async takeTurn(text, turn, options) {
      const conversation = scorer.conversation(options);
      const assessment = await timed(() => admission.admit((look) => conversation.assess(text, { ...turn, ...look })));
      return { assessment, state: Buffer.from(conversation.save()).toString("base64") };
    },
  };
}
