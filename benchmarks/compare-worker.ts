/** A worker of `compare.ts`: `compare-worker.ts FOLDER`, a checkout or an installed package that is built. */

import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { runWorker } from "../src/benchmark/worker.js";

const folder = resolve(process.argv[2]);
await runWorker(async () => {
  const { createTriage } = await import(pathToFileURL(join(folder, "dist/index.js")).href);
  const triage = await createTriage();
  return {
    name: folder,
    modelBytes: 0,
    score: (message) => triage.assess(message),
    close: () => triage.close(),
  };
});
