/** The program of a worker: loads a pack, scores what it finds in the shared memory, and wipes it. */

import { parentPort, workerData } from "node:worker_threads";
import { isEarshotError } from "../errors.js";
import { createTriage } from "../triage.js";
import type { WorkerReply, WorkerRequest, WorkerSetup } from "./protocol.js";

if (parentPort !== null) await run(parentPort, workerData as WorkerSetup);

async function run(port: NonNullable<typeof parentPort>, { memory, options }: WorkerSetup): Promise<void> {
  const bytes = new Uint8Array(memory);
  const send = (reply: WorkerReply): void => port.postMessage(reply);
  let at = 0;
  try {
    const triage = await createTriage({ ...options, now: () => new Date(at) });
    const assess = async (request: WorkerRequest & { kind: "assess" }): Promise<WorkerReply> => {
      const { length, context, truncated } = request;
      at = request.at;
      try {
        return { kind: "assessment", assessment: await triage.assessBytes(bytes, 0, length, context, truncated) };
      } catch (error) {
        return toReply(error);
      } finally {
        bytes.fill(0, 0, length);
      }
    };
    port.on("message", async (request: WorkerRequest) => {
      if (request.kind === "assess") {
        send(await assess(request));
        return;
      }
      await triage.close();
      port.close();
    });
    send({ kind: "ready" });
  } catch (error) {
    send(toReply(error));
    port.close();
  }
}

/** What is not an error of this package is not looked at: it may quote a text. */
function toReply(error: unknown): WorkerReply {
  if (!isEarshotError(error)) return { kind: "error", code: "INTERNAL", details: {} };
  return { kind: "error", code: error.code, details: error.details };
}
