/**
 * Work for one turn of the event loop, in bytes: about half a millisecond. Looking at a message takes as long as 256 bytes
 * of it do, and then 0.065 microseconds a byte (`npm run bench:parts`, AMD EPYC).
 */
export const TURN_BYTES = 8192;
/** What a message costs beside its length. */
export const MESSAGE_BYTES = 256;

/**
 * Spreads work over turns of the event loop, so that however much comes at once timers and sockets have theirs in between.
 * Who comes first goes first.
 *
 * @returns a function that is given the length of a message, in bytes, and returns what to wait for before looking at it;
 *   nothing while there is room in this turn
 */
export function createTurns(): (length: number) => Promise<void> | undefined {
  let left = TURN_BYTES;
  let last: Promise<void> | undefined;
  return (length) => {
    if (left <= 0) {
      left = TURN_BYTES;
      const turn: Promise<void> = (last ?? Promise.resolve())
        .then(() => new Promise((resolve) => setImmediate(resolve)))
        .then(() => {
          if (last === turn) last = undefined;
        });
      last = turn;
    }
    left -= MESSAGE_BYTES + length;
    return last;
  };
}
