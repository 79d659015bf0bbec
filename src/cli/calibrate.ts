import { calibrate as choose } from "../evaluation/calibrate.js";
import { policyForCalibration } from "../evaluation/calibrated-policy.js";
import type { CalibrationTarget } from "../evaluation/choose.js";
import { DEFAULT_SAMPLING } from "../evaluation/intervals.js";
import type { LabelledAssessment } from "../evaluation/observations.js";
import { renderCalibrationText } from "../evaluation/report-text.js";
import { DEFAULT_POLICY } from "../policy/schema.js";
import { parsePolicy } from "../policy/validate.js";
import { createTriage } from "../triage.js";
import { createRejection, type LabelledLine, scoreLabelledFiles } from "./labelled-lines.js";
import { openModelOption } from "./model-option.js";
import { writeResult } from "./output-file.js";
import { readPolicyFile } from "./policy-file.js";
import { EXIT } from "./score.js";
import { createLineWriter } from "./streams.js";

/** Options of `earshot calibrate`, as the command line gives them. */
export interface CalibrateCommandOptions {
  readonly format: "text" | "json";
  readonly output?: string;
  readonly policy?: string;
  readonly pack?: string;
  readonly model?: string;
  readonly sensitivity?: number;
  readonly falseAlarms?: number;
  readonly messagesPerHour?: number;
  readonly identifyLanguage?: boolean;
  readonly seed: number;
}

const DEFAULT_TARGET: CalibrationTarget = { sensitivity: 0.95 };

/**
 * Chooses thresholds on labelled files, writes the policy and says what to expect of it; returns the exit code.
 *
 * @throws EarshotError `DATA_TOO_FEW`, `TARGET_UNREACHABLE`, and as `createTriage` and the writing of files do
 */
export async function calibrate(paths: readonly string[], options: CalibrateCommandOptions): Promise<number> {
  const policy = options.policy === undefined ? DEFAULT_POLICY : parsePolicy(readPolicyFile(options.policy));
  const triage = await createTriage({
    ...(options.pack !== undefined && { pack: options.pack }),
    ...(await openModelOption(options.model)),
    policy: policyForCalibration(policy),
  });
  const rejection = createRejection(createLineWriter(2));
  const lines = scoreLabelledFiles(paths, triage, {
    identifyLanguage: options.identifyLanguage ?? false,
    onRejected: rejection.onRejected,
  });
  try {
    const report = await choose(withUrgency(lines, rejection.onRejected), {
      policy,
      target: toTarget(options),
      ...(options.messagesPerHour !== undefined && { messagesPerHour: options.messagesPerHour }),
      sampling: { ...DEFAULT_SAMPLING, seed: options.seed },
    });
    const rejected = rejection.count();
    const whole = { ...report, rejected };
    if (options.output !== undefined) writeResult(`${JSON.stringify(report.policy, null, 2)}\n`, options.output);
    writeResult(options.format === "json" ? JSON.stringify(whole) : renderCalibrationText(whole), undefined);
    return rejected > 0 ? EXIT.rejected : EXIT.done;
  } finally {
    await triage.close();
  }
}

/** The command line lets nobody state both. */
function toTarget({ sensitivity, falseAlarms }: CalibrateCommandOptions): CalibrationTarget {
  if (sensitivity !== undefined) return { sensitivity };
  return falseAlarms === undefined ? DEFAULT_TARGET : { falseAlarms };
}

async function* withUrgency(
  lines: AsyncIterable<LabelledLine>,
  onRejected: (file: number, line: number, error: "LABELS_MISSING") => void,
): AsyncGenerator<LabelledAssessment, void, undefined> {
  for await (const { file, line, labelled } of lines) {
    if (labelled.urgency === undefined) onRejected(file, line, "LABELS_MISSING");
    else yield labelled;
  }
}
