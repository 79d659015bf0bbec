import { URGENCIES } from "../labels.js";
import { createRandom, shuffledIndices } from "./random.js";

/**
 * Deals the lines out into folds at random, the lines of each level by themselves, so that every fold has its share of
 * each.
 *
 * @returns per line its fold, from 0
 */
export function dealFolds(trueLevels: Float64Array, folds: number, seed: number): Uint8Array {
  const random = createRandom(seed);
  const fold = new Uint8Array(trueLevels.length);
  let dealt = 0;
  for (let rank = 0; rank < URGENCIES.length; rank += 1) {
    const lines = [...trueLevels.keys()].filter((line) => trueLevels[line] === rank);
    for (const place of shuffledIndices(lines.length, random)) {
      fold[lines[place]] = dealt % folds;
      dealt += 1;
    }
  }
  return fold;
}
