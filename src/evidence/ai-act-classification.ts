import type { Facts } from "./facts.js";

/** Why a helpline's queue may be a high-risk system, and what the operator has to decide. */
export function classificationSection({ fill }: Facts): string {
  return `## Is this a high-risk system?

**It may be, and this is not legal advice.** Article 6(2) with Annex III, point 5(d), names AI systems intended to evaluate and
classify emergency calls by natural persons, or to be used to dispatch, or to establish priority in the dispatching of,
emergency first response services, including by police, firefighters and medical aid, and systems for the triage of
emergency healthcare patients.

- **For it:** a helpline's chat can be an emergency call in all but name; the level establishes priority among people some of
  whom may be dying; and some helplines pass them on to emergency services.
- **Against it:** a helpline that counsels is no emergency first response service and dispatches nobody; the order is a
  suggestion among people who are all answered.
- **The exception of Article 6(3)**, for narrow or preparatory tasks without significant risk, is doubtful here: what ranks people
  by danger matters to them. It never holds for profiling of natural persons. Who relies on it documents why (Article 6(4)).
- **Open source:** the exemption of Article 2(12) does not hold for high-risk systems.
- **Emotion recognition** (Article 3(39)) rests on biometric data; Earshot reads text only.

What to decide:

- High-risk or not: ${fill("highRisk")}. Read the Commission's guidelines under Article 6(5) for what they say of crisis lines.
- From when: ${fill("applicationDate")}. Later law may have moved the dates of the Regulation; use the text in force today.
- Who is who: ${fill("provider")}. Who puts their own name on a high-risk system, changes it substantially, or gives it a
  purpose that makes it one becomes its provider (Article 25).
- Fundamental rights: ${fill("publicService")}
- Medical device: ${fill("medicalPurpose")}. The model card rules out use for a diagnosis.
- **Records (Articles 12, 19 and 26(6)):** high-risk systems must allow logs, kept for at least six months. **Earshot writes none, by
  design.** Your own system has to store the results, each of which names its versions, without the text: ${fill("logs")}
- **Information (Article 26(11)):** people must be told that such a system is used on them. The notices for children are a draft of
  that.`;
}
