import directory from "./directory.json" with { type: "json" };
import type { ReferralDirectory } from "./schema.js";

/** The directory that comes with the package; a test validates it, so that loading it needs no schema. */
export const BUNDLED_DIRECTORY: ReferralDirectory = directory as unknown as ReferralDirectory;
