import { EarshotError, isEarshotError } from "../errors.js";
import type { Assessment, Trend } from "../types.js";

/** Scores one message; without a second look when told so. */
export type Score<Result> = (options: { readonly secondLook?: false }) => Promise<Result>;

/** Decides what happens to messages when too many wait. */
export interface Admission {
  /**
   * Scores a message. When too many wait, it is still read by the words and the rules: it is answered if they find it
   * immediate, or need no second look; so there is always room for what is immediate.
   *
   * @throws EarshotError `OVERLOADED` otherwise, and what `score` throws
   */
  admit<Result extends Judged>(score: Score<Result>): Promise<Result>;
  /** The same for a message of a stream: it waits for its turn, and streams together leave half of the room to others. */
  admitInStream<Result extends Judged>(score: Score<Result>): Promise<Result>;
}

type Judged = Pick<Assessment, "urgency" | "review"> & { readonly trend?: Pick<Trend, "level"> };

/** Limits how many messages wait. */
export function createAdmission(maximumWaiting: number): Admission {
  const streamsUpTo = Math.ceil(maximumWaiting / 2);
  let waiting = 0;
  let inStreams: (() => void)[] = [];

  const leave = (): void => {
    waiting -= 1;
    const woken = inStreams;
    inStreams = [];
    for (const resolve of woken) resolve();
  };

  const withoutWaiting = async <Result extends Judged>(score: Score<Result>): Promise<Result> => {
    const result = await score({ secondLook: false });
    const isImmediate = result.urgency === "immediate" || result.trend?.level === "immediate";
    if (isImmediate || !result.review.includes("SECOND_LOOK_SKIPPED")) return result;
    throw new EarshotError("OVERLOADED", { waiting });
  };

  const admit: Admission["admit"] = async (score) => {
    if (waiting >= maximumWaiting) return withoutWaiting(score);
    waiting += 1;
    try {
      return await score({});
    } catch (error) {
      // A pool with a limit of its own.
      if (!isEarshotError(error) || error.code !== "POOL_FULL") throw error;
    } finally {
      leave();
    }
    return withoutWaiting(score);
  };

  return {
    admit,
    async admitInStream(score) {
      while (waiting >= streamsUpTo) await new Promise<void>((resolve) => inStreams.push(resolve));
      return admit(score);
    },
  };
}

/** What one request holds in memory. */
export interface Account {
  /**
   * States how many bytes the request holds now.
   *
   * @throws EarshotError `SERVER_FULL` when that is more than all requests together may hold
   */
  hold(bytes: number): void;
  /** States that it holds nothing any more. */
  close(): void;
}

/** Limits what all requests together hold in memory. */
export function createAccounts(maximumBytes: number): () => Account {
  let total = 0;
  return () => {
    let held = 0;
    let isClosed = false;
    return {
      hold(bytes) {
        // What is still done for a request that has ended holds nothing for long.
        if (isClosed) return;
        if (bytes > held && total - held + bytes > maximumBytes) throw new EarshotError("SERVER_FULL");
        total += bytes - held;
        held = bytes;
      },
      close() {
        isClosed = true;
        total -= held;
        held = 0;
      },
    };
  };
}
