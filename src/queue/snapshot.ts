import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { EarshotError } from "../errors.js";
import type { QueueState } from "./state.js";

const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
// "EARQ" and the version of the form; authenticated with the rest.
const HEADER: Uint8Array = Uint8Array.of(0x45, 0x41, 0x52, 0x51, 1);
// The length that NIST SP 800-38D recommends. Random ones may be used 2^32 times with one key.
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts and authenticates a queue: header, random nonce, AES-256-GCM of its JSON, tag.
 *
 * @throws EarshotError `INPUT_INVALID` when the key has not 32 bytes
 */
export function sealState(state: QueueState, key: Uint8Array): Uint8Array {
  checkKey(key);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(HEADER);
  const content = cipher.update(JSON.stringify(state), "utf8");
  const rest = cipher.final();
  const sealed = new Uint8Array(HEADER.length + NONCE_BYTES + content.length + rest.length + TAG_BYTES);
  let length = 0;
  for (const part of [HEADER, nonce, content, rest, cipher.getAuthTag()]) {
    sealed.set(part, length);
    length += part.length;
  }
  return sealed;
}

/**
 * Opens what `sealState` made. What it holds needs no further check: only who has the key can have written it.
 *
 * @throws EarshotError `INPUT_INVALID` when the key has not 32 bytes, `SNAPSHOT_VERSION` when another version wrote it,
 * `SNAPSHOT_INVALID` when it is no snapshot, was changed, or has another key
 */
export function openState(sealed: Uint8Array, key: Uint8Array): QueueState {
  checkKey(key);
  const versionAt = HEADER.length - 1;
  const start = HEADER.length + NONCE_BYTES;
  if (!(sealed instanceof Uint8Array) || sealed.length < start + TAG_BYTES) throw new EarshotError("SNAPSHOT_INVALID");
  if (HEADER.some((byte, index) => index < versionAt && sealed[index] !== byte))
    throw new EarshotError("SNAPSHOT_INVALID");
  if (sealed[versionAt] !== HEADER[versionAt])
    throw new EarshotError("SNAPSHOT_VERSION", { version: sealed[versionAt], expected: HEADER[versionAt] });
  const end = sealed.length - TAG_BYTES;
  try {
    const decipher = createDecipheriv(CIPHER, key, sealed.subarray(HEADER.length, start))
      .setAAD(HEADER)
      .setAuthTag(sealed.subarray(end));
    const content = decipher.update(sealed.subarray(start, end), undefined, "utf8") + decipher.final("utf8");
    return JSON.parse(content);
  } catch {
    throw new EarshotError("SNAPSHOT_INVALID");
  }
}

function checkKey(key: Uint8Array): void {
  if (!(key instanceof Uint8Array) || key.length !== KEY_BYTES) throw new EarshotError("INPUT_INVALID");
}
