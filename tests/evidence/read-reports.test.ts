import { describe, expect, it } from "vitest";
import { answersForm } from "../../src/evidence/blanks.js";
import { readAnswers, readAudit, readEvaluation, readSimulation } from "../../src/evidence/read-reports.js";
import { auditOf, EVALUATION } from "./support.js";

const CANARY = "zyxcanary";

describe("reports", () => {
  it.each([
    ["evaluation", readEvaluation, "no JSON", `{"${CANARY}`],
    ["evaluation", readEvaluation, "an audit", JSON.stringify(auditOf())],
    ["evaluation", readEvaluation, "another version", JSON.stringify({ ...EVALUATION, schemaVersion: 2 })],
    [
      "evaluation",
      readEvaluation,
      "a figure without n",
      JSON.stringify({ ...EVALUATION, figures: { kappa: { value: 1, low: 1, high: 1 } } }),
    ],
    [
      "evaluation",
      readEvaluation,
      "an unknown figure",
      JSON.stringify({ ...EVALUATION, figures: { [CANARY]: EVALUATION.figures.overlooked } }),
    ],
    ["audit", readAudit, "an evaluation", JSON.stringify(EVALUATION)],
    [
      "audit",
      readAudit,
      "an unknown status",
      JSON.stringify({ ...auditOf(), lines: [{ ...auditOf().lines[0], status: CANARY }] }),
    ],
    [
      "audit",
      readAudit,
      "an unknown check",
      JSON.stringify({ ...auditOf(), lines: [{ ...auditOf().lines[0], id: CANARY }] }),
    ],
    ["simulation", readSimulation, "an audit", JSON.stringify(auditOf())],
  ])("%s: refuses %s%s", (name, read, _, json) => {
    expect(() => read(json)).toThrow(expect.objectContaining({ code: "EVIDENCE_INVALID", details: { [name]: true } }));
    expect(() => read(json)).not.toThrow(CANARY);
  });
});

describe("answers", () => {
  it("are those of the form", () => {
    const answers = readAnswers(answersForm({ controller: "Line" }));
    expect(answers).toMatchObject({ controller: "Line", rights: "" });
  });

  it.each([
    ["an unknown name", `{"${CANARY}":"x"}`],
    ["a number", '{"controller":1}'],
    ["a list", "[]"],
    ["no JSON", CANARY],
  ])("refuses %s", (_, json) => {
    expect(() => readAnswers(json)).toThrow(expect.objectContaining({ code: "ORGANISATION_INVALID" }));
  });
});
