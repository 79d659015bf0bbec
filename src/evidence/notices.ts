import { type EvidenceDocument, toFillIn } from "./document.js";
import type { Facts } from "./facts.js";
import { keepsNothing } from "./figures.js";
import { hasAuthoredTexts } from "./settings.js";

/** Ages for which there is a notice. */
export const NOTICE_AGES = [9, 13, 16] as const;
/** An age for which there is a notice. */
export type NoticeAge = (typeof NOTICE_AGES)[number];

const TITLES: Readonly<Record<NoticeAge, string>> = {
  9: "How a computer helps us to help you",
  13: "About the computer that helps us see who needs help first",
  16: "How a computer helps us decide whom to answer first",
};

/** A notice for children of an age, with a part for the adults who use it. */
export function createNotice(facts: Facts, age: NoticeAge): EvidenceDocument {
  const title = TITLES[age];
  const body = `${NOTICES[age](facts).trim()}

${adultPart(facts, age).trim()}`;
  return { id: `notice-age-${age}`, title, markdown: `# ${title}\n\n${body}\n\n${toFillIn(body)}` };
}

/** The sentence on what the program keeps; it stands there only when the audit allows it. */
function keeping(facts: Facts, sentence: string): string {
  return keepsNothing(facts) ? sentence : facts.fill("auditedSentence");
}

const NOTICES: Readonly<Record<NoticeAge, (facts: Facts) => string>> = {
  9: (facts) => `
A lot of people write to us. Some need help very fast. A computer helps us see who.

## What does the computer do?

- It reads your words when you write to us.
- It guesses how soon one of us should look.
- It does not talk to you. It does not write back.

## Who decides?

People do. One of us reads what you write. One of us picks what to do. The computer cannot send you away.

## Can it be wrong?

Yes. It is only a guess. It does not know you. If you need help now, please tell us in your own words. You did
nothing wrong if it made a mistake.

## Does it keep my words?

${keeping(facts, "No. The computer lets go of your words as soon as it has read them.")}

What we keep: ${facts.fill("chatKeptForChildren")}

When we tell someone else: ${facts.fill("safeguarding")}

## Who can I ask?

You can ask us. We like questions. ${facts.fill("askWhom")}

Does someone need help this very minute? Call: ${facts.fill("emergencyNumber")}
`,
  13: (facts) => `
Many people write to ${facts.fill("helplineName")}, and some of them are in danger. A computer program helps us see who
needs an answer first.

## What the computer does

- It reads your message when it comes in.
- It guesses how soon a person should look, and what the trouble may be about.
- It puts the list of chats in order and shows us who else could help.
- It does not write to you, end your chat or report you to anyone.

## People decide

A person reads what you write and decides what to do. We can change the order at any time.

## It can be wrong

The computer does not understand people the way a person does. It may miss that something is serious, above all when you say it in
a quiet way or as a joke. It may also worry too much. If you feel it got you wrong, tell us. That is never your fault.
${hasAuthoredTexts(facts) ? "It learned from made-up messages that another computer wrote, not from real chats." : ""}

## What happens to your words

- ${keeping(facts, "The program does not keep your message. When it has read it, the words are wiped.")}
- What we keep, and for how long: ${facts.fill("chatKeptForChildren")}
- When we tell somebody else: ${facts.fill("safeguarding")}

## Your questions and your choice

You can ask what we hold about you, and ask us to correct or delete it. ${facts.fill("askWhom")}

If you do not want a computer to sort your chat: ${facts.fill("choiceForChildren")}

If somebody is in danger right now, call: ${facts.fill("emergencyNumber")}
`,
  16: (facts) => `
When many people write to ${facts.fill("helplineName")} at once, we cannot answer everybody at the same moment. A computer
program helps us find those who are in the most danger. This page says what it does and what it does not do.

## What the program does

- It reads each message on our own machine when it comes in.
- It estimates how soon a person should look, and what kind of trouble the message may be about, such as violence, bullying or
  thoughts of suicide.
- It sorts the waiting chats and suggests other services that could help.
- It does not answer you, close your chat, block you or report you.

## People decide

The order is only a suggestion. A person reads your message, can change the order, and decides what happens.

## How good it is

It makes mistakes. It can miss danger when it is said quietly, as a joke or in slang. It works less well in some languages than in
others. ${hasAuthoredTexts(facts) ? "It learned from made-up messages written by a language model, and no counsellor has checked those texts." : ""} So
never think that you are less important because you had to wait. Tell us if things are urgent.

## Your data

- ${keeping(facts, "The program does not store your message. After it has given its result, the text is wiped from its memory.")}
- The result can say very private things about you. We protect it as we protect your chat.
- What we keep, and for how long: ${facts.fill("chatKeptForChildren")}
- When we tell somebody else: ${facts.fill("safeguarding")}

## Your rights

You can ask to see what we hold about you, have it corrected or deleted, and complain. You can ask a person to explain why you
waited and to look again. ${facts.fill("askWhom")}

If you do not want your message to be sorted by a computer: ${facts.fill("choiceForChildren")}

If somebody is in danger right now, call: ${facts.fill("emergencyNumber")}
`,
};

function adultPart(facts: Facts, age: NoticeAge): string {
  const { date, program, pack, policyName, fill } = facts;
  const audit = keepsNothing(facts)
    ? "The sentence on what the program keeps stands here because the audit that was given passed its checks. An audit holds for one machine and one version: if anything has changed since, run `earshot audit` again."
    : "**The sentence on what the program keeps is left out: no audit that passed its checks was given.** Run `earshot audit` on the machine that reads real messages, and write these notices again with its file.";
  return `
## For the adults who use this text

Take this part away before children see the page.

- Draft of ${date} for a child of ${age}; Earshot ${program}, pack **${pack}**, policy ${policyName}.
- ${audit}
- Each sentence with "we", "one of us" or "a person" is a promise that only you can keep. Take out what is not true with you. Who
  reads every message: ${fill("peopleRead")}
- Children of this age read it first: ${fill("noticeTested")}
- English only. **A translation must be made by people** who know the language and work with children of this age, and read again
  by such children. Do not use a machine for it.
- This is no full privacy notice (Articles 12 to 14 of the GDPR); it stands beside yours.`;
}
