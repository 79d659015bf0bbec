import { createDocument, type EvidenceDocument } from "./document.js";
import type { Facts } from "./facts.js";
import { auditSection, figure, groupsSection, simulationSection } from "./figures.js";
import { directorySection, whoWroteTheTexts } from "./settings.js";

/**
 * A template for a child rights impact assessment: the steps that are common to such assessments (screening, scope, evidence,
 * participation, impact by right, measures, publication, review) over the rights of the Convention on the Rights of the Child,
 * as General comment No. 25 reads them for the digital environment. UNICEF's D-CRIA toolbox goes further.
 */
export function createChildRightsAssessment(facts: Facts): EvidenceDocument {
  const { fill, pack } = facts;
  const body = `
By the Convention on the Rights of the Child and General comment No. 25 of its Committee, on children's rights in relation
to the digital environment. For a full assessment use the D-CRIA toolbox of UNICEF; this template brings what is known of
the program to it.

## 1. Screening: does it affect children?

Yes. Children write to helplines when they are in danger, and a computer suggests who is answered first. The effect on a child can
be grave in both directions: help that comes sooner, or help that comes too late.

## 2. Scope

- Who answers for it: ${fill("controller")}
- Which children: ${fill("usersAndAges")}
- What is assessed: Earshot with pack ${pack} in this service: ${fill("channels")}
- What it does: it reads a message, suggests a level and who can help. It does not answer, close or report. A person decides.

## 3. Best interests of the child (Article 3)

- **For the child in danger:** the order is meant to bring help sooner. What it would change:

${simulationSection(facts)}

- **For the child who is told to wait:** their need is real too. The queue gives turns to whoever has waited too long.
- **When it is wrong:** ${figure(facts, "overlooked")}.
- **Who weighed this:** ${fill("bestInterests")}

## 4. Evolving capacities (Articles 5 and 14)

- The program treats a message of a child as it treats any other; the age, when given, changes only who is suggested and in
  which words. No figure by age was measured.
- Notices for children of nine, thirteen and sixteen come with this template.
- A child may need to write without a parent knowing: ${fill("accessWithoutParents")}
- What differs by age with you: ${fill("evolvingCapacities")}

## 5. Views of the child and participation (Article 12)

- **No child took part in making the program, as far as its files say.** ${whoWroteTheTexts(facts)}
- Children and young people: ${fill("childrenAsked")}
- What a child can choose: ${fill("objection")}

## 6. Non-discrimination (Article 2; Articles 23 and 30)

${groupsSection(facts)}

- Figures by age, gender, disability or origin of real children: **not measured**.
- Children it may serve worse: ${fill("groupsAtRisk")}
- Languages: ${fill("languagesServed")}

## 7. Rights one by one

### Life, survival and development (Article 6)

- Danger that is overlooked is the gravest harm: ${figure(facts, "recallImmediate")}.
- Every message is read by a person: ${fill("peopleRead")}
- When the program stops: ${fill("fallback")}

### Privacy (Article 16)

${auditSection(facts)}

- Results kept: ${fill("resultsKept")}
- Chats kept: ${fill("chatKept")}
- Privacy also means privacy from the family: a notice or a stored result must not show a violent parent that the child wrote.

### Expression and access to information (Articles 13 and 17)

- A child who fears a machine may not write. **Not measured:** ask children.
- No message is filtered out or hidden because of a score.

### Protection from violence, abuse and exploitation (Articles 19, 32, 34, 35 and 36)

- Categories of harm let a counsellor see at once what a message may speak of; they are hints and can be wrong.
- When somebody else is told: ${fill("safeguarding")}

### Health and recovery (Articles 24 and 39)

- Who can help is suggested with the date on which the entry was last confirmed. ${directorySection(facts)}

## 8. Remedy (General comment No. 25, access to justice and remedies)

- ${fill("remedy")}
- When something went wrong: ${fill("incidents")}

## 9. Measures, decision and review

- Monitoring: ${fill("monitoring")}
- Decision and date of the next look: ${fill("decision")}
- Publication: ${fill("publication")}
`;
  return createDocument(facts, "child-rights-impact", "Child rights impact assessment (template)", body);
}
