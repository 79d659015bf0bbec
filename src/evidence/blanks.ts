/** What only the people who run the service know, by the name under which `--organisation` answers it. */
export const BLANKS = {
  accessWithoutParents:
    "whether a child can write to you without a parent knowing, and what the law of your country says",
  applicationDate: "the date from which the duties for high-risk systems apply to you, from the text in force today",
  askWhom: "for children: whom they can ask about this, and how",
  auditedSentence: "for children: what the program keeps; run the audit first",
  bestInterests:
    "who weighed the best interests of the children in this choice, and how, those who will wait longer included",
  changes: "what you changed, and when: thresholds, policy, directory, pack, the program around it",
  channels: "the way of a message from the phone to the counsellor's screen, with every program and company on it",
  chatKept: "how long chats are kept, where, and who can read them",
  chatKeptForChildren: "for children, in a short sentence: what you keep of a chat and for how long",
  choiceForChildren: "for children, in a short sentence: what to do if they do not want a computer to sort their chat",
  childrenAsked: "which children and young people you asked about this, how, what they said and what you changed",
  controller: "name and address of the helpline or platform that answers for this (the controller)",
  counsellorReview:
    "which counsellors compared the levels with their own judgement, on how many messages, and what they found",
  dataProtectionOfficer: "name and contact of the data protection officer, or why there is none",
  decision: "the decision, by whom, on what day, and when it is looked at again",
  declaration: "the EU declaration of conformity, or why there is none",
  dpoAdvice: "what the data protection officer advised, and what you did about it",
  emergencyNumber: "for children: the number to call where you are when somebody is in danger",
  evolvingCapacities: "how what you tell, ask and decide differs between a child of nine and one of sixteen",
  fallback: "what you do when the program stops: who orders the queue then, and how",
  groupsAtRisk:
    "children whom it may serve worse in your service (language, dialect, disability, age), and what you do for them",
  helplineName: "the name of the helpline, as children know it",
  highRisk: "your conclusion: high-risk or not, why, and which lawyer or authority you asked",
  incidents: "what you do, how fast and who is told, when danger was overlooked or a message became known",
  languagesServed: "the languages people write to you in, and who reads those that the pack does not know",
  legalBasis: "the legal basis (Article 6), the condition for special categories (Article 9(2)), and the national law",
  likelihoodBias: "how likely this is with you, and why",
  likelihoodDataBreach: "how likely this is with you, and why",
  likelihoodFalseAlarms: "how likely this is with you, and why",
  likelihoodMisuse: "how likely this is with you, and why",
  likelihoodOverlooked: "how likely this is with you, and why",
  likelihoodOutage: "how likely this is with you, and why",
  likelihoodSilence: "how likely this is with you, and why",
  likelihoodTrust: "how likely this is with you, and why",
  logs: "where your own system records level, versions and time of each result, and for how long",
  machine: "the machine it runs on: where it stands, who administers it, disk encryption, swap, who has access",
  medicalPurpose: "whether you use it for a medical purpose (then the law on medical devices may apply)",
  monitoring: "what you count each week, who looks at it, when you measure again, and what makes you switch it off",
  necessity: "why an order by urgency is needed: how long people wait today, and what else you have tried",
  noticeTested: "which children of this age read this notice, and what they changed",
  objection: "how a person can object, or be served without being ordered by a computer, and what happens then",
  override: "who may change the order, how often they do, and how you see that people do not just follow it",
  ownData: "the messages of your own that you measured on: from when, how chosen, who labelled them, how they are kept",
  peopleRead: "who reads every message, whatever its level, and within what time",
  processors: "who handles messages on your behalf (chat platform, hosting, telephone company), and the contracts",
  provider: "who is the provider and who the deployer in the sense of Article 3, and whether you changed the purpose",
  publication: "where this assessment is published, with a version for children",
  publicService:
    "whether you are a public body or give a public service (then Article 27 asks for one more assessment)",
  remedy: "how a child can complain, to whom, and how fast they get an answer",
  residualRisk:
    "the risk that is left, whether you accept it, and whether you must ask the authority first (Article 36)",
  resultsKept: "which results you store (level, categories, time), where, for how long, and who sees them",
  rights: "how a person sees, corrects or erases what is held about them, and how you answer a child",
  safeguarding: "for children, in a short sentence: when you would tell somebody else, and whom",
  screen: "what counsellors see of a result, with a picture of the screen",
  standards: "standards and guidance that you follow",
  training: "how counsellors learn what the hints are worth and when to distrust them",
  transfers: "whether anything leaves your country or the European Economic Area, and on what ground",
  usersAndAges: "the countries and people that you serve, their ages, and how many write to you in a month",
} as const;

/** Name of a blank. */
export type BlankName = keyof typeof BLANKS;

/** What a helpline has answered; what is missing or empty stays a blank. */
export type Answers = Readonly<Partial<Record<BlankName, string>>>;

// A quoted text may hold the same words, but with a backslash before them.
const MARK = /(?<!\\)\[FILL IN (\w+):/g;

/** How a blank looks in every document. */
export function blankMark(name: BlankName): string {
  return `[FILL IN ${name}: ${BLANKS[name]}]`;
}

/** The blanks that a text still has, each once, in order. */
export function openBlanks(markdown: string): readonly BlankName[] {
  return [...new Set([...markdown.matchAll(MARK)].map(([, name]) => name as BlankName))];
}

/** All blanks with their answers so far, as a file that can be filled in and given to `--organisation`. */
export function answersForm(answers: Answers): string {
  const form = Object.keys(BLANKS).map((name) => [name, answers[name as BlankName] ?? ""]);
  return `${JSON.stringify(Object.fromEntries(form), undefined, 2)}\n`;
}
