import { randomFillSync } from "node:crypto";

const POOL_BYTES = 1024;

/** Gives the next random byte, 0 to 255, each as likely as the others and independent of those before. */
export type NextByte = () => number;

/** Bytes of the system's cryptographic generator; each is wiped from the pool as it is handed out. */
export function createSecureBytes(): NextByte {
  const pool = new Uint8Array(POOL_BYTES);
  let used = POOL_BYTES;
  return () => {
    if (used === POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    const byte = pool[used];
    pool[used] = 0;
    used += 1;
    return byte;
  };
}

/** An integer in [0, limit), each exactly as likely as the others: what would favour some of them is drawn again. */
export function drawBelow(limit: bigint, nextByte: NextByte): bigint {
  for (;;) {
    let range = 1n;
    let value = 0n;
    for (; range < limit; range <<= 8n) value = (value << 8n) | BigInt(nextByte());
    if (value < range - (range % limit)) return value % limit;
  }
}
