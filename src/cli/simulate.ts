import { readFileSync } from "node:fs";
import { EarshotError } from "../errors.js";
import { readArrivals } from "../simulation/arrivals-file.js";
import { parseScenario } from "../simulation/read-scenario.js";
import { renderSimulationText } from "../simulation/report-text.js";
import type { Arrival } from "../simulation/scenario.js";
import { simulate as run } from "../simulation/simulate.js";
import { writeResult } from "./output-file.js";
import { EXIT } from "./score.js";
import { createLineWriter } from "./streams.js";

/** Options of `earshot simulate`, as the command line gives them. */
export interface SimulateCommandOptions {
  readonly arrivals?: string;
  readonly perfect?: boolean;
  readonly seed: number;
  /** 5 or more. */
  readonly runs: number;
  readonly format: "text" | "json";
  readonly output?: string;
  readonly html?: string;
}

/**
 * Simulates a scenario and writes the report; returns the exit code.
 *
 * @throws EarshotError `FILE_NOT_READABLE`, `SCENARIO_INVALID`, `ARRIVALS_MISSING`, and as the writing of files does
 */
export async function simulate(path: string, options: SimulateCommandOptions): Promise<number> {
  const scenario = parseScenario(readText(path));
  const { recorded, rejected } = readRecord(options.arrivals);
  const report = run(scenario, {
    seed: options.seed,
    replications: options.runs,
    ...(options.perfect && { perfect: true }),
    ...(recorded !== undefined && { recorded }),
  });
  writeResult(options.format === "json" ? `${JSON.stringify(report)}\n` : renderSimulationText(report), options.output);
  if (options.html !== undefined) {
    // Drawing is loaded only for those who want a page.
    const { renderSimulationHtml } = await import("../simulation/report-html.js");
    writeResult(renderSimulationHtml(report), options.html);
  }
  return rejected > 0 ? EXIT.rejected : EXIT.done;
}

function readRecord(path: string | undefined): { recorded?: readonly Arrival[]; rejected: number } {
  if (path === undefined) return { rejected: 0 };
  const { arrivals, rejected } = readArrivals(readText(path));
  const writer = createLineWriter(2);
  for (const line of rejected) writer.writeLine(JSON.stringify(line));
  writer.flush();
  if (arrivals.length === 0) throw new EarshotError("ARRIVALS_MISSING", { rejected: rejected.length });
  return { recorded: arrivals, rejected: rejected.length };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new EarshotError("FILE_NOT_READABLE");
  }
}
