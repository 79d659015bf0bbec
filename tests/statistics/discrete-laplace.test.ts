import { describe, expect, it } from "vitest";
import { drawDiscreteLaplace, drawExponential, halfWidth, type Scale } from "../../src/statistics/discrete-laplace.js";
import { createSecureBytes } from "../../src/statistics/random-integers.js";
import { createSeededBytes, fitOfDraws, probabilityOf } from "./support.js";

const FALSE_ALARM = 1e-9;

const scaleOf = (numerator: number, denominator: number): Scale => ({
  numerator: BigInt(numerator),
  denominator: BigInt(denominator),
});

/** Scales below, at and above 1, and such as epsilon in thousandths makes them; each with where its tails begin. */
const SCALES = [
  [scaleOf(1, 2), 3],
  [scaleOf(1, 1), 5],
  [scaleOf(7, 3), 9],
  [scaleOf(3000, 700), 15],
  [scaleOf(15_000, 1000), 40],
] as const;

describe("drawDiscreteLaplace", () => {
  it.each(SCALES)("fits the distribution with the same bytes as ever: %o", (scale, edge) => {
    const nextByte = createSeededBytes("laplace");
    const draw = (): number => Number(drawDiscreteLaplace(scale, nextByte));
    expect(fitOfDraws(draw, scale, edge, 40_000)).toBeGreaterThan(0.001);
  });

  it.each(SCALES)(
    "fits the distribution with bytes of the system, with a false alarm in a billion: %o",
    (scale, edge) => {
      const nextByte = createSecureBytes();
      const draw = (): number => Number(drawDiscreteLaplace(scale, nextByte));
      expect(fitOfDraws(draw, scale, edge, 40_000)).toBeGreaterThan(FALSE_ALARM);
    },
  );

  it.each([
    ["a scale that is 5% off", (draw: () => bigint) => draw(), scaleOf(735, 300)],
    ["0 twice as often", (draw: () => bigint, draws: number) => (draws % 6 === 0 ? 0n : draw()), scaleOf(7, 3)],
    [
      "more positive ones",
      (draw: () => bigint, draws: number) => {
        const y = draw();
        return draws % 20 === 0 && y < 0n ? -y : y;
      },
      scaleOf(7, 3),
    ],
  ])("is told from %s", (_, distort, drawnScale) => {
    const nextByte = createSeededBytes("distorted");
    let draws = 0;
    const draw = (): number => {
      draws += 1;
      return Number(distort(() => drawDiscreteLaplace(drawnScale, nextByte), draws));
    };
    expect(fitOfDraws(draw, scaleOf(7, 3), 9, 40_000)).toBeLessThan(FALSE_ALARM);
  });
});

describe("drawExponential", () => {
  it.each([
    [0, 1],
    [1, 1],
    [1, 3],
    [999, 1000],
  ])("is true with probability exp(-%d/%d)", (numerator, denominator) => {
    const nextByte = createSeededBytes("exponential");
    const draws = 40_000;
    let count = 0;
    for (let index = 0; index < draws; index += 1)
      if (drawExponential(BigInt(numerator), BigInt(denominator), nextByte)) count += 1;
    const probability = Math.exp(-numerator / denominator);
    const deviation = Math.sqrt(draws * probability * (1 - probability));
    expect(Math.abs(count - draws * probability)).toBeLessThanOrEqual(3.3 * deviation);
  });
});

describe("halfWidth", () => {
  it.each([0.5, 0.9, 0.95, 0.99])("is the smallest that holds the share %d", (confidence) => {
    for (const numerator of [1, 2, 5, 12, 15, 37, 200])
      for (const denominator of [1, 3, 10]) {
        const scale = scaleOf(numerator, denominator);
        const width = halfWidth(scale, confidence);
        let inside = probabilityOf(0, scale);
        for (let value = 1; value < width; value += 1) inside += 2 * probabilityOf(value, scale);
        if (width > 0) {
          expect(inside).toBeLessThan(confidence);
          inside += 2 * probabilityOf(width, scale);
        }
        expect(inside).toBeGreaterThanOrEqual(confidence - 1e-12);
      }
  });

  it("is known for usual numbers", () => {
    // 12 cells of one person at epsilon 1: 2 q^(w+1) / (1 + q) = 0.05 at w + 1 = 36.4 with q = exp(-1/12).
    expect(halfWidth(scaleOf(12_000, 1000), 0.95)).toBe(36);
    expect(halfWidth(scaleOf(1, 10), 0.95)).toBe(0);
  });

  it("holds for the draws", () => {
    const nextByte = createSeededBytes("width");
    const scale = scaleOf(12_000, 1000);
    const width = BigInt(halfWidth(scale, 0.95));
    let inside = 0;
    for (let index = 0; index < 20_000; index += 1) {
      const noise = drawDiscreteLaplace(scale, nextByte);
      if (noise >= -width && noise <= width) inside += 1;
    }
    expect(inside / 20_000).toBeGreaterThan(0.945);
    expect(inside / 20_000).toBeLessThan(0.96);
  });
});
