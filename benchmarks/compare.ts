/**
 * Whether this build is slower than another one:
 *
 *     git worktree add /tmp/base v0.1.0 && (cd /tmp/base && npm ci && npm run build)
 *     npm run bench:compare /tmp/base
 *
 * Runs both in turn on the same messages and prints the ratio of their medians with a 95% interval. Ends with 1 when this
 * build is surely slower than the limit allows.
 */

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ratioOfMedians } from "../src/benchmark/compare.js";
import { readLoad, readMachine } from "../src/benchmark/machine.js";
import { sampleMessages } from "../src/benchmark/sample-messages.js";
import { startWorker, type Worker } from "../src/benchmark/start-worker.js";
import { median } from "../src/benchmark/statistics.js";

const HERE = fileURLToPath(new URL("..", import.meta.url));
const WORKER = fileURLToPath(new URL("compare-worker.ts", import.meta.url));
const WORDS = [20, 60, 200];
const MESSAGES = 200;
const WARM_UP_MS = 1000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "30" },
    "round-ms": { type: "string", default: "100" },
    /** How much slower this build may be. */
    limit: { type: "string", default: "1.1" },
  },
});
const [base] = positionals;
if (base === undefined) throw new Error("Name the folder of the other build.");
const rounds = Number(values.rounds);
const milliseconds = Number(values["round-ms"]);

const start = (folder: string): Promise<Worker> => startWorker([process.execPath, "--import", "tsx", WORKER, folder]);
const builds = [await start(base), await start(HERE)];
const { processor, cores, node } = readMachine();
process.stdout.write(`${processor}, ${cores} logical cores, Node.js ${node}, load ${readLoad().toFixed(2)}\n`);
process.stdout.write("words  base, median  this build   ratio  95% interval\n");
for (const [texts, words] of WORDS.entries()) {
  const { messages } = sampleMessages(words, MESSAGES, 1);
  for (const build of builds) {
    await build.ask({ kind: "texts", messages });
    await build.ask({ kind: "single-stream", texts, milliseconds: WARM_UP_MS });
  }
  const medians: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1)
    // Who goes first changes, so that a machine that slows down slows both.
    for (const index of round % 2 === 0 ? [0, 1] : [1, 0]) {
      const { latencies } = await builds[index].ask({ kind: "single-stream", texts, milliseconds });
      medians[index].push(median([...latencies]));
    }
  const ratio = ratioOfMedians(medians[1], medians[0]);
  const [before, now] = medians.map((own) => `${median(own).toFixed(1)} µs`.padStart(12));
  process.stdout.write(
    `${`${words}`.padStart(5)} ${before.padStart(13)} ${now} ${ratio.value.toFixed(3).padStart(7)}  ${ratio.low.toFixed(3)} to ${ratio.high.toFixed(3)}\n`,
  );
  if (ratio.low > Number(values.limit)) process.exitCode = 1;
}
process.stdout.write(`load ${readLoad().toFixed(2)}\n`);
for (const build of builds) await build.stop();
