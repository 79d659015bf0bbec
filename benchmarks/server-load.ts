/** The process from which `benchmarks/server.ts` loads the server, so that the load does not share its event loop. */

import { type PreparedRequest, runClosed, runOpen } from "./server-client.js";

/** What this process is asked to do, one after the other. */
export type Load =
  | { readonly kind: "requests"; readonly port: number; readonly requests: readonly PreparedRequest[] }
  | { readonly kind: "closed"; readonly clients: number; readonly milliseconds: number }
  | {
      readonly kind: "open";
      readonly perSecond: number;
      readonly count: number;
      readonly connections: number;
      readonly seed: number;
    };

let port = 0;
let requests: readonly PreparedRequest[] = [];

process.on("message", async (load: Load) => {
  if (load.kind === "requests") {
    ({ port, requests } = load);
    process.send?.(null);
  } else if (load.kind === "closed") {
    process.send?.(await runClosed(port, requests, load.clients, load.milliseconds));
  } else process.send?.(await runOpen(port, requests, load));
});
