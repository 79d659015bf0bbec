export { createServer, type EarshotServer, type ServerOptions } from "./create-server.js";
export type { Limits } from "./limits.js";
export type { ListenAddress } from "./listen.js";
export type { Scorer } from "./scoring.js";
export { type RunningService, type ServeOptions, serve } from "./serve.js";
export { SCRUBBED_WITHIN_MS } from "./zero-retention.js";
