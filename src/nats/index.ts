export { type Asker, type AskerOptions, createAsker } from "./asker.js";
export { type NatsWorker, type NatsWorkerOptions, runWorker } from "./worker.js";
