import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Version of Earshot, from its package. */
export function programVersion(): string {
  const path = fileURLToPath(import.meta.resolve("earshot/package.json"));
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}
