import * as z from "zod";
import { AUDIT_PROMISES, type AuditCheck, type AuditLine, type AuditReport } from "../audit/report.js";
import { EarshotError } from "../errors.js";
import { FIGURES, type FigureName } from "../evaluation/figures.js";
import type { EvaluationReport } from "../evaluation/report.js";
import { URGENCIES } from "../labels.js";
import { ORDERS } from "../simulation/orders.js";
import type { SimulationReport } from "../simulation/report.js";
import { type Answers, BLANKS, type BlankName } from "./blanks.js";

/** The part of an evaluation that documents show. */
export type Evaluation = Pick<
  EvaluationReport,
  "lines" | "rejected" | "pack" | "policy" | "sampling" | "figures" | "languages" | "slices"
>;
/** The part of an audit that documents show. */
export interface Audit extends Pick<AuditReport, "startedAt" | "subject"> {
  readonly surroundings: Pick<AuditReport["surroundings"], "platform" | "architecture" | "kernel" | "node">;
  readonly lines: readonly Pick<AuditLine, "id" | "status" | "figure" | "evidence">[];
}
/** The part of a simulation that documents show. */
export type Simulation = Pick<SimulationReport, "name" | "notes" | "seed" | "replications" | "targets" | "levels">;

const text = z.string().max(2000);
const count = z.int().min(0);
const meanEstimate = z.object({ value: z.number(), low: z.number(), high: z.number() });
const estimate = meanEstimate.extend({ n: count });
const figures = z.partialRecord(z.enum(Object.keys(FIGURES) as FigureName[]), estimate);
const group = z.object({
  id: text,
  lines: count,
  tooFew: z.literal(true).exactOptional(),
  figures: figures.exactOptional(),
});

// Not strict: fields that no document shows are passed over.
const evaluationSchema = z.object({
  schemaVersion: z.literal(1),
  lines: count,
  rejected: count.exactOptional(),
  labelled: z.object({ urgency: count }),
  pack: text.exactOptional(),
  policy: text.exactOptional(),
  sampling: z.object({ seed: count, resamples: count }),
  figures,
  languages: z.array(group),
  slices: z.array(group),
});

const auditSchema = z.object({
  schemaVersion: z.literal(1),
  startedAt: text,
  surroundings: z.object({ platform: text, architecture: text, kernel: text, node: text }),
  subject: z
    .object({ program: z.enum(["earshot score", "earshot serve"]), version: text, pack: text, quick: z.boolean() })
    .exactOptional(),
  lines: z.array(
    z.object({
      id: z.enum(Object.keys(AUDIT_PROMISES) as AuditCheck[]),
      status: z.enum(["PASS", "FAIL", "NOT_VERIFIED"]),
      figure: text,
      evidence: z.array(text).exactOptional(),
    }),
  ),
});

const waits = z.object({
  people: meanEstimate,
  mean: meanEstimate,
  median: meanEstimate,
  p95: meanEstimate,
  withinTarget: meanEstimate,
  longest: meanEstimate,
});
const simulationSchema = z.object({
  schemaVersion: z.literal(1),
  name: text,
  notes: z.array(text),
  seed: count,
  replications: count,
  targets: z.record(z.enum(URGENCIES), z.number()),
  levels: z.record(z.enum(ORDERS), z.partialRecord(z.enum(URGENCIES), waits)),
});

// Strict, so that an answer under a misspelt name is an error and not silently missing.
const answersSchema = z.partialRecord(z.enum(Object.keys(BLANKS) as BlankName[]), text);

/** Reads what `earshot evaluate --format json` wrote. @throws EarshotError `EVIDENCE_INVALID` */
export function readEvaluation(json: string): Evaluation {
  return read(json, evaluationSchema, new EarshotError("EVIDENCE_INVALID", { evaluation: true }));
}

/** Reads what `earshot audit --format json` wrote. @throws EarshotError `EVIDENCE_INVALID` */
export function readAudit(json: string): Audit {
  return read(json, auditSchema, new EarshotError("EVIDENCE_INVALID", { audit: true }));
}

/** Reads what `earshot simulate --format json` wrote. @throws EarshotError `EVIDENCE_INVALID` */
export function readSimulation(json: string): Simulation {
  return read(json, simulationSchema, new EarshotError("EVIDENCE_INVALID", { simulation: true }));
}

/** Reads the answers of an organisation. @throws EarshotError `ORGANISATION_INVALID` */
export function readAnswers(json: string): Answers {
  return read(json, answersSchema as z.ZodType<Answers>, new EarshotError("ORGANISATION_INVALID"));
}

function read<Value>(json: string, schema: z.ZodType<Value>, failure: EarshotError): Value {
  try {
    return schema.parse(JSON.parse(json));
  } catch {
    throw failure;
  }
}
