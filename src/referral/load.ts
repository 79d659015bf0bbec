import type { ReferralDirectory } from "./schema.js";

/**
 * The bundled directory, or an operator's parsed JSON (`OwnDirectory`) laid over it; both go into `TriageOptions.directory`.
 *
 * @throws EarshotError `DIRECTORY_INVALID` with the number of `problems`; `earshot directory check` names the lines
 */
export async function loadDirectory(own?: unknown): Promise<ReferralDirectory> {
  // Loaded on demand: the directory and the checker are the larger part of what a program would load with this.
  if (own === undefined) return (await import("./bundled.js")).BUNDLED_DIRECTORY;
  const { validateOwnDirectory } = await import("./validate.js");
  return (await import("./merge.js")).mergeDirectory(validateOwnDirectory(own));
}
