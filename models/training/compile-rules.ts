import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { encodeRules } from "./encode-rules.js";
import { parseRules, type SourceRule } from "./parse-rules.js";
import { listLines, readLabelledLines, reportRules } from "./report-rules.js";

/** One `.rules` file. */
export interface RulesSource {
  /** For error messages. */
  readonly name: string;
  readonly content: string;
}

/**
 * Compiles `.rules` files of any number of languages into the bytes of `rules.bin`. Rules of all languages apply to
 * every text, because people mix languages. The order of the files does not matter. Throws an Error with file and line
 * for anything malformed.
 */
export function compileRules(sources: readonly RulesSource[]): Uint8Array {
  const sorted = [...sources].sort((a, b) => (a.name < b.name ? -1 : 1));
  return encodeRules(sorted.flatMap(({ name, content }) => parseRules(name, content)));
}

const USAGE = `Usage: npx tsx models/training/compile-rules.ts [options] [DATA...]
  --rules FILE   a .rules file, repeatable; default: models/training/rules/en.rules
  --out FILE     write the compiled rules there
  --report       run the rules on the labelled DATA and print what each rule catches
  --false        print the routine lines of DATA that the rules would raise to urgent or above
  --missed       print the immediate lines of DATA that the rules leave below urgent
  --held-out     use the rows of DATA that are kept from training instead of the others
`;

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rules: { type: "string", multiple: true, default: ["models/training/rules/en.rules"] },
      out: { type: "string" },
      report: { type: "boolean", default: false },
      false: { type: "boolean", default: false },
      missed: { type: "boolean", default: false },
      "held-out": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const sources = values.rules.map((path) => ({ name: basename(path), content: readFileSync(path, "utf8") }));
  if (values.out !== undefined) writeFileSync(values.out, compileRules(sources));
  const rules: SourceRule[] = sources.flatMap(({ name, content }) => parseRules(name, content));
  const lines = positionals.flatMap((path) => readLabelledLines(path, values["held-out"]));
  if (values.report) process.stdout.write(reportRules(rules, lines));
  const isFalseAlarm = (trueLevel: number, level: number): boolean => trueLevel === 3 && level <= 1;
  const isMissed = (trueLevel: number, level: number): boolean => trueLevel === 0 && level > 1;
  if (values.false) process.stdout.write(listLines(rules, lines, isFalseAlarm));
  if (values.missed) process.stdout.write(listLines(rules, lines, isMissed));
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) main();
