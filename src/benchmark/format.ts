const MEGABYTE = 1_048_576;
const DIGITS = 3;

/** A time in the unit that makes it short: `2.41 µs`, `0.31 ms`, `1.2 s`. */
export function timeText(microseconds: number): string {
  if (microseconds < 100) return `${significant(microseconds)} µs`;
  if (microseconds < 1_000_000) return `${significant(microseconds / 1000)} ms`;
  return `${significant(microseconds / 1_000_000)} s`;
}

/** Megabytes of 2^20 bytes. */
export function megabytes(bytes: number): string {
  return `${(bytes / MEGABYTE).toFixed(1)} MB`;
}

/** A number to three digits, with the thousands set apart. */
export function countText(value: number): string {
  return Number(value.toPrecision(DIGITS)).toLocaleString("en");
}

function significant(value: number): string {
  return `${Number(value.toPrecision(DIGITS))}`;
}
