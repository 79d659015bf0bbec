import { createAiActRecord } from "./ai-act.js";
import { createChildRightsAssessment } from "./child-rights.js";
import type { EvidenceDocument } from "./document.js";
import { createDpia } from "./dpia.js";
import { collectFacts, type EvidenceInputs } from "./facts.js";
import { createNotice, NOTICE_AGES } from "./notices.js";

/**
 * Writes all documents. The same inputs give the same documents.
 *
 * @throws EarshotError `EVIDENCE_INVALID` when a report is not what its command writes
 */
export function createEvidence(inputs: EvidenceInputs): readonly EvidenceDocument[] {
  const facts = collectFacts(inputs);
  return [
    createDpia(facts),
    createAiActRecord(facts),
    createChildRightsAssessment(facts),
    ...NOTICE_AGES.map((age) => createNotice(facts, age)),
  ];
}
