import { describe, expect, it, vi } from "vitest";
import { createSecureBytes, drawBelow } from "../../src/statistics/random-integers.js";
import { chiSquareTail } from "./support.js";

const pools = vi.hoisted((): Uint8Array[] => []);
vi.mock("node:crypto", async (original) => {
  const crypto = await original<typeof import("node:crypto")>();
  const randomFillSync = (pool: Uint8Array): Uint8Array => {
    pools.push(pool);
    return crypto.randomFillSync(pool);
  };
  return { ...crypto, randomFillSync };
});

/** Every possible input of so many bytes, once; undefined when the draw asks for more. */
function drawFrom(bytes: readonly number[], limit: bigint): bigint | undefined {
  let used = 0;
  try {
    return drawBelow(limit, () => {
      if (used === bytes.length) throw new RangeError();
      used += 1;
      return bytes[used - 1];
    });
  } catch {
    return undefined;
  }
}

describe("drawBelow", () => {
  it.each([1n, 2n, 3n, 7n, 100n, 128n, 255n, 256n])(
    "gives each integer below %s equally often over all bytes",
    (limit) => {
      const counts = new Map<bigint, number>();
      for (let byte = 0; byte < 256; byte += 1) {
        const value = drawFrom([byte], limit);
        if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      expect([...counts.keys()].sort((a, b) => Number(a - b))).toEqual(
        Array.from({ length: Number(limit) }, (_, i) => BigInt(i)),
      );
      expect(new Set(counts.values()).size).toBe(1);
    },
  );

  it.each([257n, 1000n, 65_535n])("gives each integer below %s equally often over all pairs of bytes", (limit) => {
    const counts = new Uint32Array(Number(limit));
    for (let pair = 0; pair < 65_536; pair += 1) {
      const value = drawFrom([pair >> 8, pair & 255], limit);
      if (value !== undefined) counts[Number(value)] += 1;
    }
    expect(Math.min(...counts)).toBe(Math.max(...counts));
    expect(counts[0]).toBe(Math.floor(65_536 / Number(limit)));
  });

  it("draws again what would favour small integers", () => {
    expect(drawFrom([255], 255n)).toBeUndefined();
    expect(drawFrom([255, 254], 255n)).toBe(254n);
  });
});

describe("createSecureBytes", () => {
  it("gives all bytes equally often, with a false alarm in a billion", () => {
    const nextByte = createSecureBytes();
    const draws = 51_400;
    const counts = new Float64Array(257);
    for (let index = 0; index < draws; index += 1) counts[nextByte()] += 1;
    // 256 values are 255 degrees of freedom; one more makes the bound a little wider.
    const statistic = counts
      .subarray(0, 256)
      .reduce((sum, count) => sum + (count - draws / 256) ** 2 / (draws / 256), 0);
    expect(counts[256]).toBe(0);
    expect(chiSquareTail(statistic, 256)).toBeGreaterThan(1e-9);
  });

  it("fills its pool from the system, and wipes each byte that it has handed out", () => {
    pools.length = 0;
    const nextByte = createSecureBytes();
    for (let index = 0; index < 100; index += 1) nextByte();
    expect(pools).toHaveLength(1);
    expect(pools[0].subarray(0, 100).every((byte) => byte === 0)).toBe(true);
    expect(pools[0].subarray(100).some((byte) => byte !== 0)).toBe(true);
  });

  it("does not repeat itself", () => {
    const [first, second] = [createSecureBytes(), createSecureBytes()].map((nextByte) =>
      Array.from({ length: 2048 }, nextByte),
    );
    expect(first.slice(0, 32)).not.toEqual(second.slice(0, 32));
    expect(first.slice(0, 1024)).not.toEqual(first.slice(1024));
  });
});
