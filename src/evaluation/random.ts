/** A source of numbers in [0, 1). */
export type RandomSource = () => number;

/** A source that a seed repeats exactly: mulberry32 (Tommy Ettinger, public domain), enough for resampling, never for secrets. */
export function createRandom(seed: number): RandomSource {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** Puts the numbers 0 to `count` - 1 into a random order (Fisher and Yates, as by Durstenfeld 1964). */
export function shuffledIndices(count: number, random: RandomSource): Uint32Array {
  const indices = Uint32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const kept = indices[last];
    indices[last] = indices[other];
    indices[other] = kept;
  }
  return indices;
}

/** Fills `counts` with how often each line is drawn when as many lines are drawn, with replacement, as there are. */
export function drawCounts(counts: Uint32Array, random: RandomSource): void {
  counts.fill(0);
  for (let drawn = 0; drawn < counts.length; drawn += 1) counts[Math.floor(random() * counts.length)] += 1;
}
