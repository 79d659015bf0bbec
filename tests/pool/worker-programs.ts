import { fileURLToPath, pathToFileURL } from "node:url";

/** The built program of a worker. */
export const WORKER: URL = pathToFileURL(fileURLToPath(new URL("../../dist/pool/worker.js", import.meta.url)));

/** Every id that makes the worker of `obedientWorker` do something before it reads the message. */
export const ORDERS = { exit: "exit", throw: "throw", sleep: "sleep", leave: "leave", hang: "hang" } as const;

/** So long that a pool gives it to a worker. */
export const LONG: string = "what time do you open ".repeat(100);

/** How long after the answer it leaves. */
export const LEAVE_MS = 50;
/** How long it sleeps. */
export const SLEEP_MS = 400;

/** A worker that does as the id of a message says, and is the built one otherwise. */
export const obedientWorker: URL = toProgram(`
  import { parentPort } from "node:worker_threads";
  parentPort.on("message", ({ context }) => {
    if (context?.id === "${ORDERS.exit}") process.exit(7);
    if (context?.id === "${ORDERS.throw}") throw new Error("a fragment of the message");
    if (context?.id === "${ORDERS.sleep}") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${SLEEP_MS});
    if (context?.id === "${ORDERS.hang}") for (;;) {}
    if (context?.id === "${ORDERS.leave}") setTimeout(() => process.exit(0), ${LEAVE_MS});
  });
  await import("${WORKER.href}");`);

/** A worker with a program of one's own. */
export function toProgram(source: string): URL {
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`);
}
