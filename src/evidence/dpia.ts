import { createDocument, type EvidenceDocument } from "./document.js";
import { risksSection } from "./dpia-risks.js";
import type { Facts } from "./facts.js";
import { auditSection, simulationSection } from "./figures.js";
import { directorySection, policySection, whoWroteTheTexts } from "./settings.js";

/**
 * A draft of the data protection impact assessment of GDPR Article 35(7), in the order of the criteria for an acceptable
 * one in Annex 2 of the guidelines WP 248 rev.01, which the European Data Protection Board has endorsed.
 */
export function createDpia(facts: Facts): EvidenceDocument {
  const { fill, pack } = facts;
  const body = `
It follows Article 35(7) of Regulation (EU) 2016/679 (GDPR) and Annex 2 of the guidelines WP 248 rev.01. In the United
Kingdom the steps of the Information Commissioner's Office ask for the same.

## Why an assessment is needed

Of the nine criteria of WP 248 rev.01, of which two are usually enough, these apply to a helpline that orders its queue by
a model: evaluation or scoring; sensitive data; vulnerable people, many of them children; a new technology; and, depending
on the service, processing on a large scale. If counsellors simply followed the order, automated decisions with a significant
effect would be one more.

## 1. Systematic description (Article 35(7)(a))

### Who answers for it

- Controller: ${fill("controller")}
- Data protection officer: ${fill("dataProtectionOfficer")}
- Processors: ${fill("processors")}

### Purpose, nature and context

People write to a helpline or report something to a platform, and more of them wait than can be answered at once. Earshot
reads each message on the operator's own machine, estimates how urgently a person should look and what kind of harm the
message speaks of, orders the queue, and suggests who can help in that country. It does not answer, close, delete or report
anything. **A person always decides.**

- Who writes: ${fill("usersAndAges")}
- Languages: ${fill("languagesServed")}
- Children are to be expected among them, and special protection is due to them (Recital 38).

### Personal data

- **Read:** the text of the message, and where the calling program gives them an id of its own, the language, the country and
  the age.
- **Special categories (Article 9):** the text may tell of health, sex life, sexual orientation, religion, ethnic origin or
  political opinions, and of crimes (Article 10), about the writer and about others.
- **Made:** a level, a number for the order, probabilities, categories of harm, circumstances, codes for doubt and the versions
  of pack, policy and directory. **The result is as sensitive as the message:** a category such as suicide
  is data concerning health in the sense of Article 9, and others may concern sex life.
- **Recipients:** the program that called Earshot, and whoever it shows the result to: ${fill("screen")}
- **Kept by Earshot:** see the audit below for what was checked. With \`conversation\` and \`queue\` your own program may store
  numbers without text; what it stores is up to you.
- **Kept by you, results:** ${fill("resultsKept")}
- **Kept by you, chats:** ${fill("chatKept")}

### What happens to a message, and with what

${fill("channels")}

The program reads the message as bytes, computes the scores, hands back numbers and codes, and overwrites its buffers. It
needs no network and no account. Machine: ${fill("machine")}

${policySection(facts)}

${directorySection(facts)}

Approved codes of conduct (Article 35(8)) and other standards: ${fill("standards")}

## 2. Necessity and proportionality (Article 35(7)(b))

- **Purpose (Article 5(1)(b)):** to reach those in danger sooner. Any other use of the results, such as watching people who
  did not ask for help, is outside the purpose for which the model was made.
- **Lawfulness (Articles 6 and 9):** ${fill("legalBasis")}. Consent is
  seldom given freely by a child in danger; look at the other grounds first. Parental consent should not be necessary for preventive or counselling services offered directly to a child (Recital 38).
- **Need:** ${fill("necessity")}
- **Less intrusive ways:** first come, first served needs no scoring. What ordering would change is simulated below.
- **Data minimisation (Article 5(1)(c)):** no name, number or history is needed; only the message is read.
- **Accuracy (Article 5(1)(d)):** the figures are under the risks. ${whoWroteTheTexts(facts)}
- **Storage limitation (Article 5(1)(e)):** the audit shows what was checked of Earshot; your own times are above.
- **Transfers (Chapter V):** scoring needs no network. With \`earshot serve\`, \`earshot work\` or a program of your own,
  messages travel as you set it up: ${fill("transfers")}

### What ordering would change

${simulationSection(facts)}

### Rights of the people who write

- **Information (Articles 12 to 14):** notices for children of nine, thirteen and sixteen come with this draft; they need your
  answers and children's opinions before they are used.
- **Access, correction, erasure, portability (Articles 15 to 17 and 20):** ${fill("rights")}
- **Objection and restriction (Articles 18 and 21):** ${fill("objection")}
- **Automated decisions (Article 22):** the level is a suggestion; a person reads and decides. This holds only if people
  really do: who waits too long because of a level is affected by it, and according to the Court of Justice (case C-634/21,
  SCHUFA) a score on which others draw strongly can itself be the decision. Such decisions should not concern a child
  (Recital 71). So:
- Everything is read by a person: ${fill("peopleRead")}
- The order is changed by people: ${fill("override")}

## 3. Risks to rights and freedoms, and measures (Article 35(7)(c) and (d))

${risksSection(facts)}

### The audit of this installation

${auditSection(facts)}

## 4. People who were asked (Article 35(2) and (9))

- Data protection officer: ${fill("dpoAdvice")}
- Children and young people: ${fill("childrenAsked")}
- Counsellors: ${fill("counsellorReview")}

## 5. What is left, and the decision

- **Residual risk:** ${fill("residualRisk")}
- What measures do not remove: the model of pack ${pack} overlooks some messages whatever the threshold; understated danger is
  overlooked more often than plain words; the operator of the machine, and whoever takes it over, can read messages while
  they are scored; results are stored by whoever calls the program.
- **Decision:** ${fill("decision")}
`;
  return createDocument(facts, "dpia", "Data protection impact assessment (draft)", body);
}
