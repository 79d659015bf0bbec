import { readFileSync } from "node:fs";
import { EarshotError } from "../errors.js";

const KEY_BYTES = 32;

/**
 * Reads a secret, which stands in a file because every user of the machine can read a command line.
 *
 * @throws EarshotError `FILE_NOT_READABLE`
 */
export function readSecretFile(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    throw new EarshotError("FILE_NOT_READABLE");
  }
}

/**
 * Reads a key of 32 bytes in base64.
 *
 * @throws EarshotError `FILE_NOT_READABLE`, `KEY_INVALID`
 */
export function readKeyFile(path: string): Uint8Array {
  const key = Buffer.from(readSecretFile(path), "base64");
  if (key.length !== KEY_BYTES) throw new EarshotError("KEY_INVALID", { bytes: key.length });
  return key;
}
