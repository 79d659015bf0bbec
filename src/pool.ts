import { createPool } from "./pool/create-pool.js";
import type { TriagePool, TriagePoolOptions } from "./pool/pool-types.js";

/**
 * Starts worker threads that score messages, each with a pack and a model session of its own, so that the thread that asks
 * stays free: it looks only at the words of short messages, and only what they do not settle goes to a worker. Bytes of
 * messages go there in shared memory that is wiped after each message; what comes back are numbers, codes and what the
 * directory says.
 *
 * @throws EarshotError what `createTriage` throws; `INPUT_INVALID` for impossible numbers and for options that cannot be
 *   copied to a thread; `WORKER_FAILED` when a worker ends while it starts
 */
export function createTriagePool(options: TriagePoolOptions = {}): Promise<TriagePool> {
  // Beside this file, in the source as in the build.
  return createPool(options, new URL("./pool/worker.js", import.meta.url));
}
