import { readFileSync } from "node:fs";
import { EarshotError } from "../errors.js";
import { parseOwnDirectory } from "../referral/check.js";
import { mergeDirectory } from "../referral/merge.js";
import type { ReferralDirectory } from "../referral/schema.js";

/**
 * An operator's file, laid over the bundled directory.
 *
 * @throws EarshotError `FILE_NOT_READABLE`, and `DIRECTORY_INVALID` with the `line` of the first of its `problems`
 */
export function readDirectoryFile(path: string): ReferralDirectory {
  return mergeDirectory(parseOwnDirectory(readText(path)));
}

/**
 * The text of a file without its byte order mark.
 *
 * @throws EarshotError `FILE_NOT_READABLE`
 */
export function readText(path: string): string {
  try {
    const text = readFileSync(path, "utf8");
    return text.startsWith("\uFEFF") ? text.slice(1) : text;
  } catch {
    throw new EarshotError("FILE_NOT_READABLE");
  }
}
