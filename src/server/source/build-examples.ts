/**
 * Writes `src/server/examples.json`, the examples of the OpenAPI document; to be run whenever pack, policy or directory change.
 *
 *     npx tsx src/server/source/build-examples.ts
 */
import { writeFileSync } from "node:fs";
import { formatJson } from "../../referral/source/format.js";
import { makeExamples } from "./make-examples.js";

writeFileSync(new URL("../examples.json", import.meta.url), formatJson(await makeExamples()));
