import type { BlankName } from "./blanks.js";
import type { Facts } from "./facts.js";
import { figure, groupsSection } from "./figures.js";
import { list } from "./markdown.js";

/** One risk of the assessment. Severity is what it means for the person; how likely it is, only the operator knows. */
interface Risk {
  readonly name: string;
  readonly harm: string;
  readonly severity: "severe" | "high" | "moderate";
  readonly measured: readonly string[];
  /** In the program. */
  readonly measures: readonly string[];
  /** With the operator. */
  readonly yours: readonly string[];
  readonly likelihood: BlankName;
}

/** The risks to the people who write, each with what was measured, what is done against it and what is left open. */
export function risksSection(facts: Facts): string {
  const { fill } = facts;
  const sections = risks(facts).map(
    ({ name, harm, severity, measured, measures, yours, likelihood }) => `### ${name}

${list([
  `**What it means:** ${harm}`,
  `**Severity:** ${severity}`,
  ...measured.map((text) => `**Measured:** ${text}`),
  ...measures.map((text) => `**In the program:** ${text}`),
  ...yours.map((text) => `**With you:** ${text}`),
  `**Likelihood:** ${fill(likelihood)}`,
])}`,
  );
  return `${sections.join("\n\n")}

### Figures by language and slice

${groupsSection(facts)}

Figures by age, gender, disability or origin of real writers: **not measured**. \`earshot evaluate\` reports by language and by
the \`slice\` of each labelled line, with which you can mark such groups.`;
}

function risks(facts: Facts): readonly Risk[] {
  const { fill, policy } = facts;
  return [
    {
      name: "Danger is overlooked",
      harm: "somebody who may die or be gravely harmed within hours stands too far back and is answered too late.",
      severity: "severe",
      measured: [figure(facts, "overlooked"), figure(facts, "recallImmediate")],
      measures: [
        "phrase rules, minimum levels of categories and codes for doubt raise a level and never lower it.",
        "what cannot be read, scored or recognised is marked and ordered higher; no line is left out.",
        "the queue gives turns to whoever has waited too long, so that nobody waits for ever.",
      ],
      yours: [fill("peopleRead"), fill("incidents")],
      likelihood: "likelihoodOverlooked",
    },
    {
      name: "False alarms",
      harm: "those in no danger go ahead of others, counsellors tire of alarms, and the real ones drown.",
      severity: "high",
      measured: [figure(facts, "falseAlarms"), figure(facts, "precisionImmediate")],
      measures: ["thresholds can be set on your own messages (`earshot calibrate`)."],
      yours: [fill("ownData")],
      likelihood: "likelihoodFalseAlarms",
    },
    {
      name: "Worse for some groups",
      harm: "children who write in a dialect, a smaller language, in signs and slang, or with a disability wait longer.",
      severity: "high",
      measured: [`${figure(facts, "kappa")}; by group below, and in the model card by the maker`],
      measures: [
        `languages that the pack does not know are marked and raised to ${policy.reviewLevels.LANGUAGE_UNSUPPORTED}.`,
      ],
      yours: [fill("groupsAtRisk")],
      likelihood: "likelihoodBias",
    },
    {
      name: "A message or a result becomes known",
      harm: "a violent parent, a partner or the public learns what a child wrote, or that they wrote at all.",
      severity: "severe",
      measured: ["the audit below, for memory, files, network and output of the program."],
      measures: [
        "text is handled as bytes and overwritten; errors are fixed sentences; no network is needed.",
        "strings given to the library, models from elsewhere and the result itself are not covered (SECURITY.md).",
      ],
      yours: [fill("resultsKept"), fill("machine"), fill("incidents")],
      likelihood: "likelihoodDataBreach",
    },
    {
      name: "People trust the level too much",
      harm: "counsellors stop reading with their own eyes, and the suggestion becomes the decision (Article 22).",
      severity: "severe",
      measured: ["**not measured**: how counsellors use the level is for you to watch."],
      measures: ["results carry reasons and codes for doubt; nothing is closed, answered or reported by the program."],
      yours: [fill("training"), fill("override")],
      likelihood: "likelihoodTrust",
    },
    {
      name: "Children hold back",
      harm: "a child who learns that a computer reads along writes less, or not at all.",
      severity: "high",
      measured: ["**not measured**: ask children."],
      measures: ["notices for three ages, which say what is true and frighten nobody."],
      yours: [fill("childrenAsked")],
      likelihood: "likelihoodSilence",
    },
    {
      name: "Use for something else",
      harm: "results are used to watch, sort out, punish or report people, or to judge credit, insurance, school or work.",
      severity: "severe",
      measured: ["**not measured**: no program can see what its results are used for."],
      measures: ["the model card rules it out; results hold no name."],
      yours: [fill("resultsKept")],
      likelihood: "likelihoodMisuse",
    },
    {
      name: "The program stops or its files are changed",
      harm: "nobody orders the queue, or somebody orders it wrongly on purpose.",
      severity: "moderate",
      measured: ["the line of the audit on the files of the model, below."],
      measures: [
        "size and hash of each file of the pack are checked before use; this finds damage, not a forger with write access.",
        `without scores a message is raised to ${policy.reviewLevels.MODEL_UNAVAILABLE}.`,
      ],
      yours: [fill("fallback")],
      likelihood: "likelihoodOutage",
    },
  ];
}
