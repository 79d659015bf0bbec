import { EarshotError, type EarshotErrorCode, isEarshotError } from "../errors.js";
import { readLabels } from "../evaluation/read-labels.js";
import type { StatisticsRecord } from "../statistics/index.js";
import { expectEnd, peekKind, readObject, skipNumber, skipValue } from "../text/json-scanner.js";
import { clearSink, createSink, type JsonScanner, readString } from "../text/json-string.js";
import { createLineReader, type Line } from "../text/lines.js";
import { closeInput, createRead, openInput } from "./streams.js";

const LONGEST_FIELD_BYTES = 256;
const NAMES = ["text", "person", "age", "country", "at"] as const;
const NAME_BYTES = NAMES.map((name) => Buffer.from(name));
const INTEGER = /^-?\d+$/;
const TIME = /^\d{4}-\d\d-\d\dT(\d\d):\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?$/;

/** Gives the hour of the local day, or undefined when the time does not say it. */
export type HourOf = (at: string) => number | undefined;

/**
 * Reads assessments with what the operator added to them, one line in memory at a time; wiped before the next. No string is
 * made of fields that have no meaning here.
 *
 * @throws EarshotError `FILE_NOT_READABLE`
 */
export function countLines(
  path: string,
  hourOf: HourOf,
  count: (record: StatisticsRecord) => void,
  onRejected: (line: number, error: EarshotErrorCode) => void,
): void {
  const descriptor = openInput(path);
  const reader = createLineReader(createRead(descriptor));
  try {
    while (reader.next()) {
      try {
        count(readRecord(reader.line, hourOf));
      } catch (error) {
        if (!isEarshotError(error)) throw error;
        onRejected(reader.line.number, error.code);
      }
      reader.wipeLine();
    }
  } finally {
    reader.close();
    closeInput(descriptor);
  }
}

/**
 * Takes the hour from a time as `2026-03-01T22:15:00+03:00`: in a time zone (IANA name), or as the clock reads in it.
 *
 * @throws EarshotError `STATISTICS_INVALID` for an unknown time zone
 */
export function createHourOf(timeZone: string | undefined): HourOf {
  const formatter = timeZone === undefined ? undefined : createFormatter(timeZone);
  return (at) => {
    const parts = TIME.exec(at);
    const instant = Date.parse(at);
    if (parts === null || Number.isNaN(instant)) return undefined;
    const [, hour, offset] = parts;
    if (formatter === undefined) return Number(hour);
    return offset === undefined ? undefined : Number(formatter.format(instant));
  };
}

function createFormatter(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone, hour: "2-digit", hourCycle: "h23" });
  } catch {
    throw new EarshotError("STATISTICS_INVALID");
  }
}

function readRecord({ bytes, start, end, truncated }: Line, hourOf: HourOf): StatisticsRecord {
  if (truncated) throw new EarshotError("LINE_TOO_LONG");
  const { person, age, country, at } = readFields(bytes, start, end);
  const { urgency, categories } = readLabels(bytes, start, end);
  if (urgency === undefined || categories === undefined) throw new EarshotError("LABELS_MISSING");
  if (person === undefined) throw new EarshotError("PERSON_MISSING");
  const hour = at === undefined ? undefined : hourOf(at.toString());
  if (at !== undefined && hour === undefined) throw new EarshotError("FIELD_INVALID");
  return {
    person,
    urgency,
    categories,
    ...(age !== undefined && { age: Number(age.toString()) }),
    ...(country !== undefined && { country: country.toString().toUpperCase() }),
    ...(hour !== undefined && { hour }),
  };
}

type Field = (typeof NAMES)[number];
type Fields = { [Name in Field]?: Buffer };

/** Reads fields as bytes, without the quotes; one that is null is left out. */
function readFields(bytes: Uint8Array, start: number, end: number): Fields {
  const scanner: JsonScanner = { bytes, position: start, end, cut: false };
  const short = createSink(new Uint8Array(LONGEST_FIELD_BYTES));
  const ignored = createSink(new Uint8Array(0));
  const fields: Fields = {};
  const seen = new Set<Field>();
  let fault: EarshotErrorCode | undefined;

  const readValue = (name: Field): Buffer | undefined => {
    const kind = peekKind(scanner);
    const from = scanner.position;
    if (kind === "string" && name !== "age") {
      readString(scanner, short);
      const isRead = short.length > 0 && !short.overflowed && !short.illFormed;
      return isRead ? Buffer.from(short.bytes.subarray(0, short.length)) : undefined;
    }
    if (kind === "number" && (name === "age" || name === "person")) {
      skipNumber(scanner);
      const written = Buffer.from(bytes.subarray(from, scanner.position));
      return name === "age" || INTEGER.test(written.toString()) ? written : undefined;
    }
    skipValue(scanner, 1, ignored);
    return undefined;
  };

  try {
    readObject(scanner, 1, short, () => {
      const name = NAMES.find((_, index) => NAME_BYTES[index].equals(short.bytes.subarray(0, short.length)));
      clearSink(short);
      if (name === "text") fault = "TEXT_PRESENT";
      else if (name !== undefined && seen.has(name)) fault ??= "FIELD_DUPLICATE";
      if (name === undefined || name === "text" || peekKind(scanner) === "null") skipValue(scanner, 1, ignored);
      else {
        const value = readValue(name);
        if (value === undefined) fault ??= "FIELD_INVALID";
        else fields[name] = value;
      }
      if (name !== undefined) seen.add(name);
      clearSink(short);
    });
    expectEnd(scanner);
  } finally {
    clearSink(short);
  }
  if (fault !== undefined) throw new EarshotError(fault);
  return fields;
}
