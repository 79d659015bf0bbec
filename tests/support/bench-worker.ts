/** A worker for tests: `bench-worker.ts NAME LEVEL [failure]`. */

import { runWorker } from "../../src/benchmark/worker.js";
import { EarshotError } from "../../src/errors.js";
import type { Urgency } from "../../src/labels.js";

const [name, level, failure] = process.argv.slice(2);
await runWorker(async () => {
  if (failure === "open") throw new EarshotError("PACK_NOT_FOUND");
  if (failure === "quote") throw new Error("she is at home");
  let scored = 0;
  return {
    name,
    modelBytes: 1234,
    score: () => {
      scored += 1;
      if (failure === "exit" && scored > 1) process.exit(7);
      if (failure === "score" && scored > 1) throw new EarshotError("RUNTIME_FAILED");
    },
    ...(level !== "none" && {
      level: async (message: Uint8Array) => (message.length % 2 === 0 ? (level as Urgency) : "routine"),
    }),
    close: async () => {},
  };
});
