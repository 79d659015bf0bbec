import { writeFileSync } from "node:fs";
import { EarshotError } from "../errors.js";
import { createLineWriter } from "./streams.js";

/**
 * Writes a finished text to a file, or to standard output.
 *
 * @throws EarshotError `OUTPUT_FAILED`, `OUTPUT_CLOSED`
 */
export function writeResult(text: string, path: string | undefined): void {
  if (path === undefined) {
    const writer = createLineWriter(1);
    writer.writeLine(text.trimEnd());
    writer.flush();
    return;
  }
  try {
    writeFileSync(path, text);
  } catch {
    throw new EarshotError("OUTPUT_FAILED");
  }
}
