/** Counts turns of the event loop until it is told to stop. */
export function countTurns(): { readonly turns: () => number; readonly stop: () => void } {
  let turns = 0;
  const count = (): void => {
    turns += 1;
    immediate = setImmediate(count);
  };
  let immediate = setImmediate(count);
  return { turns: () => turns, stop: () => clearImmediate(immediate) };
}
