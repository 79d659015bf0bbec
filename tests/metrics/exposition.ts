/** One sample line of an exposition. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric with its samples. */
export interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: Sample[];
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)?\\})? (\\S+)$`);
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: [""],
  gauge: [""],
  histogram: ["_bucket", "_sum", "_count"],
};

/**
 * Reads the Prometheus text format 0.0.4 and throws at everything that it does not allow: HELP and TYPE once and before the
 * samples, known types, samples under their own family, no sample twice, histograms that add up.
 */
export function parseExposition(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith("\n")) throw new Error("The last line does not end.");
  const families = new Map<string, Family>();
  const helps = new Map<string, string>();
  const seen = new Set<string>();
  let current = "";
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const [, keyword, name, rest] = new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`).exec(line) ?? [];
    if (keyword === "HELP") {
      if (helps.has(name)) throw new Error(`HELP twice: ${name}`);
      helps.set(name, rest);
    } else if (keyword === "TYPE") {
      if (families.has(name)) throw new Error(`TYPE twice: ${name}`);
      if (!(rest in SUFFIXES)) throw new Error(`type ${rest}`);
      const help = helps.get(name);
      if (help === undefined) throw new Error(`no HELP: ${name}`);
      families.set(name, { type: rest, help, samples: [] });
      current = name;
    } else {
      const sample = parseSample(line);
      const family = families.get(current);
      if (!SUFFIXES[family?.type ?? ""]?.some((suffix) => sample.name === current + suffix))
        throw new Error(`${sample.name} under ${current}`);
      const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
      if (seen.has(key)) throw new Error(`twice: ${line}`);
      seen.add(key);
      family?.samples.push(sample);
    }
  }
  for (const [name, family] of families) if (family.type === "histogram") checkHistogram(name, family);
  for (const name of helps.keys()) if (!families.has(name)) throw new Error(`no TYPE: ${name}`);
  return families;
}

function parseSample(line: string): Sample {
  const match = SAMPLE.exec(line);
  if (match === null) throw new Error(`no sample: ${line}`);
  const pairs = [...(match[2] ?? "").matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, value]) => [key, value]);
  if (new Set(pairs.map(([key]) => key)).size !== pairs.length) throw new Error(`label twice: ${line}`);
  // Go's ParseFloat, with which Prometheus reads, takes NaN and Inf in any case.
  const value = /^[+-]?(inf|nan)$/i.test(match[3]) ? Number.NaN : Number(match[3]);
  if (Number.isNaN(value) && !/(inf|nan)$/i.test(match[3])) throw new Error(`no number: ${line}`);
  return { name: match[1], labels: Object.fromEntries(pairs), value };
}

function checkHistogram(name: string, { samples }: Family): void {
  const series = new Map<string, Sample[]>();
  for (const sample of samples) {
    const { le: _, ...labels } = sample.labels;
    const key = JSON.stringify(labels);
    series.set(key, [...(series.get(key) ?? []), sample]);
  }
  for (const [key, own] of series) {
    const buckets = own.filter((sample) => sample.name === `${name}_bucket`);
    const counts = buckets.map(({ value }) => value);
    const count = own.find((sample) => sample.name === `${name}_count`)?.value;
    const isOrdered = counts.every((value, index) => index === 0 || value >= counts[index - 1]);
    if (!isOrdered || buckets.at(-1)?.labels.le !== "+Inf" || counts.at(-1) !== count)
      throw new Error(`does not add up: ${name} ${key}`);
    if (!own.some((sample) => sample.name === `${name}_sum`)) throw new Error(`no sum: ${name} ${key}`);
  }
}
