import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

/** What figures depend on. */
export interface Machine {
  readonly processor: string;
  /** Logical cores that this process may use. */
  readonly cores: number;
  readonly memoryBytes: number;
  readonly node: string;
  readonly platform: string;
}

/** Describes this machine. */
export function readMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
  };
}

/** Processes that wanted to run in the last minute, on average. */
export function readLoad(): number {
  return loadavg()[0];
}
