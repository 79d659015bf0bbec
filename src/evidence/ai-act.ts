import { classificationSection } from "./ai-act-classification.js";
import { createDocument, type EvidenceDocument } from "./document.js";
import type { Facts } from "./facts.js";
import { auditSection, evaluationSection, figure, groupsSection } from "./figures.js";
import { architectureSection, cardSection, directorySection, policySection, trainingSection } from "./settings.js";

/** A record under the headings of Annex IV of Regulation (EU) 2024/1689, points 1 to 9 as published in OJ L, 2024/1689. */
export function createAiActRecord(facts: Facts): EvidenceDocument {
  const { fill, pack, program, policyName, manifest } = facts;
  const body = `
The headings are those of Annex IV of Regulation (EU) 2024/1689 (AI Act), shortened.

${classificationSection(facts)}

## 1. General description of the AI system

- **(a) Intended purpose, provider, version:** to order the messages that wait at a helpline, or the reports that wait at a
  platform, by how urgently a person should look, and to suggest who can help. Program Earshot ${program}, pack ${pack}, policy
  ${policyName}. Earlier versions are in CHANGELOG.md of the program. Provider: ${fill("provider")}
- **(b) Interaction with other hardware and software:** ${fill("channels")}
- **(c) Versions of relevant software:** Node.js, in a version that the program's package.json allows; the audit under 2(h)
  names the one it saw. ${manifest.encoder === undefined ? "No model runtime is needed." : "The second stage needs onnxruntime-node in the version that package.json names."}
- **(d) Forms in which it is put into service:** a package for Node.js with a command and a library, installed by the operator.
- **(e) Hardware:** a processor; no graphics card is needed. Yours: ${fill("machine")}
- **(f) Component of a product:** it is part of no product of ours. Yours: ${fill("screen")}
- **(g) User interface for the deployer:** the command, with a table, JSON and reports. Yours: ${fill("screen")}
- **(h) Instructions for use:** README.md, SECURITY.md and section 6 of the model card.

## 2. Elements of the AI system and process for its development

- **(a) Methods and steps, third-party tools:** models/training of the project holds every step from the data to the pack; the
  model card at the end names the data and what each was used for.
- **(b) Design specifications and general logic:** ${architectureSection(facts)}
- **Key choices:** that danger should rather be suspected too often than too seldom; that doubt raises and never lowers; that
  the text leaves no trace; that small models on the operator's machine are preferred to large ones elsewhere.
- **(c) Architecture and computing resources:** src and models of the project; the README says which part does what. Resources
  used for training: **not recorded in the files given**.
- **(e) Human oversight (Article 14):** the output is an order and hints. Reasons, codes for doubt and, on demand, the weight
  of each word are shown. Who oversees: ${fill("override")}. Training: ${fill("training")}
- **(f) Pre-determined changes:** none; the program does not learn while it is used. A new pack is a new version.

### (d) Data

${trainingSection(facts)}

### (g) Validation and testing

${evaluationSection(facts)}

Own messages behind these figures: ${fill("ownData")}

### (h) Cybersecurity

${auditSection(facts)}

## 3. Monitoring, functioning and control

- **Capabilities and limits:** ${figure(facts, "overlooked")}. ${figure(facts, "falseAlarms")}. More under 2(g) and in the model
  card.
- **Foreseeable unintended outcomes:** understated danger overlooked; figures of speech, fiction and quotation taken at
  their word; one clause of danger in a long everyday message missed; other levels when the group that a sentence speaks of is
  changed. The suites of the project measure each of them; the model card says where to read them.
- **Human oversight (Article 14):** ${fill("peopleRead")}
- **Input data:** text in UTF-8, one message at a time, optionally with language, country and age. What is longer than the limit
  is cut and marked.

### Accuracy for specific groups

${groupsSection(facts)}

### How levels are decided

${policySection(facts)}

${directorySection(facts)}

## 4. Appropriateness of the performance metrics

- **Overlooked** (immediate put at soon or routine) comes first: it is the error that may cost a life.
- **False alarms** (routine put at urgent or above) say what that caution costs those who wait.
- **Quadratic kappa** counts an error by how many levels it is off; **AUROC** compares models whatever their thresholds.
- **Calibration error** says whether a probability means what it says, on which thresholds rest.
- Each figure has its number of messages and an interval, and is repeated by language and slice, since a good average hides
  who is served badly. What the figures do not show: what became of people, and how counsellors use the level.

## 5. Risk management system (Article 9)

The risks, the measures against them and what is left are in the data protection impact assessment that comes with this
record. Children are affected: Article 9(9) asks for special regard to people under eighteen, and the child rights impact
assessment gives it. Overlooked danger and leaks: ${fill("incidents")}. When the program stops: ${fill("fallback")}

## 6. Changes through the lifecycle

CHANGELOG.md of the program; the version of the pack changes with its files, whose hashes are in its manifest. Every result
names pack, policy and directory. Yours: ${fill("changes")}

## 7. Harmonised standards

The project applies none whose reference was published in the Official Journal. Instead: the tests and suites of the
project, its threat model (SECURITY.md), \`earshot evaluate\` and \`earshot audit\`. Yours: ${fill("standards")}

## 8. EU declaration of conformity (Article 47)

The project gives none. Yours: ${fill("declaration")}

## 9. Post-market monitoring (Article 72)

The program reports nothing to anybody, so that only you can watch it. Yours: ${fill("monitoring")}. Serious incidents
(Article 73): ${fill("incidents")}

## Model card

${cardSection(facts)}
`;
  return createDocument(
    facts,
    "ai-act-annex-iv",
    "Record under the headings of Annex IV of the EU AI Act (draft)",
    body,
  );
}
