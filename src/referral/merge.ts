import { BUNDLED_DIRECTORY } from "./bundled.js";
import type { OwnDirectory, ReferralDirectory } from "./schema.js";

/**
 * Lays an operator's checked file over the bundled directory, by id: see `OwnDirectory`. The version names both, as in
 * `3+2026.11.21`, unless all that is bundled is left out.
 */
export function mergeDirectory(own: OwnDirectory, bundled: ReferralDirectory = BUNDLED_DIRECTORY): ReferralDirectory {
  const { leaveOut = [], ...directory } = own;
  if (leaveOut === "all") return directory;
  const hidden = new Set([...leaveOut, ...own.entries.map(({ id }) => id)]);
  return {
    ...directory,
    version: `${own.version}+${bundled.version}`,
    note: `${own.note} ${bundled.note}`,
    entries: [...bundled.entries.filter(({ id }) => !hidden.has(id)), ...own.entries],
  };
}
