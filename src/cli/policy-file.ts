import { readFileSync } from "node:fs";
import { EarshotError } from "../errors.js";
import type { Policy } from "../policy/schema.js";

/**
 * Reads an operator's policy, which `createTriage` checks.
 *
 * @throws EarshotError `POLICY_INVALID`
 */
export function readPolicyFile(path: string): Policy {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    throw new EarshotError("POLICY_INVALID");
  }
}
