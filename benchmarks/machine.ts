import { cpus, loadavg } from "node:os";

/** What figures depend on: processor, Node.js and how busy the machine is (mean number of running processes in the last minute). */
export function describeMachine(): string {
  const processors = cpus();
  const load = loadavg()[0].toFixed(2);
  return `${processors[0].model.trim()}, ${processors.length} logical cores, Node.js ${process.version}, load ${load}`;
}

/** The value below which a share of the sorted samples lies. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
