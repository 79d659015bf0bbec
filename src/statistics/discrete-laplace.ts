import { drawBelow, type NextByte } from "./random-integers.js";

/** The scale of a discrete Laplace distribution as an exact fraction; both parts are above 0. */
export interface Scale {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/**
 * Draws from the discrete Laplace distribution (two-sided geometric): an integer y with probability proportional to
 * exp(-|y| / scale), exactly. It is algorithm 2 of Canonne, Kamath and Steinke, The Discrete Gaussian for Differential
 * Privacy, NeurIPS 2020, arxiv.org/abs/2004.00010: integers and random bytes only. Noise made of floating-point numbers
 * misses some results and so tells inputs apart (Mironov, On Significance of the Least Significant Bits for Differential
 * Privacy, CCS 2012, doi:10.1145/2382196.2382264).
 *
 * How long it takes depends on what it draws: who can time single draws from outside may learn about them.
 */
export function drawDiscreteLaplace({ numerator, denominator }: Scale, nextByte: NextByte): bigint {
  for (;;) {
    const remainder = drawBelow(numerator, nextByte);
    if (!drawExponential(remainder, numerator, nextByte)) continue;
    let whole = 0n;
    while (drawExponential(1n, 1n, nextByte)) whole += 1n;
    const magnitude = (remainder + numerator * whole) / denominator;
    const isNegative = drawBelow(2n, nextByte) === 1n;
    // Otherwise 0 would come twice as often as it should.
    if (isNegative && magnitude === 0n) continue;
    return isNegative ? -magnitude : magnitude;
  }
}

/** True with probability exp(-numerator / denominator), for a fraction in [0, 1]; algorithm 1 of the same article. */
export function drawExponential(numerator: bigint, denominator: bigint, nextByte: NextByte): boolean {
  let trial = 1n;
  while (drawBelow(denominator * trial, nextByte) < numerator) trial += 1n;
  return trial % 2n === 1n;
}

/**
 * The smallest w for which a draw is in [-w, w] with at least the probability `confidence`, in (0, 1). A draw is beyond w
 * with probability 2 q^(w+1) / (1 + q), where q = exp(-1 / scale).
 */
export function halfWidth({ numerator, denominator }: Scale, confidence: number): number {
  const rate = Number(denominator) / Number(numerator);
  const beyond = (width: number): number => (2 * Math.exp(-rate * (width + 1))) / (1 + Math.exp(-rate));
  let width = Math.max(0, Math.floor(Math.log(2 / ((1 - confidence) * (1 + Math.exp(-rate)))) / rate) - 2);
  // From just below upwards, so that rounding cannot move the result.
  while (beyond(width) > 1 - confidence) width += 1;
  return width;
}
