import { EarshotError } from "../errors.js";
import { CATEGORIES, type Category, URGENCIES, type Urgency } from "../labels.js";
import { CATEGORY_STANDARDS } from "../policy/standards.js";
import type { PersonKey } from "./contributions.js";

/** By what records can be counted. `category` and `subcategory` are those of Child Helpline International. */
export const DIMENSIONS = ["level", "category", "subcategory", "age", "country", "hour"] as const;
/** One thing by which records can be counted. */
export type Dimension = (typeof DIMENSIONS)[number];

/** One contact, as far as it is counted. */
export interface StatisticsRecord {
  readonly person: PersonKey;
  readonly urgency: Urgency;
  /** As `Assessment.categories`: strongest first. */
  readonly categories: readonly Category[];
  /** Years, 0 to 120. */
  readonly age?: number;
  /** ISO 3166-1 alpha-2, upper case. */
  readonly country?: string;
  /** Hour of the local day, 0 to 23. */
  readonly hour?: number;
}

/** One side of a table: values that are fixed before the first record, and where a record stands among them. */
export interface Axis {
  readonly values: readonly string[];
  /** At how many places a record can stand at most; what decides how much noise there must be. */
  readonly mostPlaces: number;
  /** Places in `values`, all different, from 1 to `mostPlaces` of them. */
  readonly placesOf: (record: StatisticsRecord) => readonly number[];
}

/** What the axes depend on beside the dimension. */
export interface DomainOptions {
  readonly countries: readonly string[];
  /** How many categories of a record count. */
  readonly categories: number;
}

const UNKNOWN = "unknown";
const OTHER = "other or unknown";
const NONE = "none";
const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, "0"));
/** Lowest ages of the bands. */
const AGE_BANDS = [
  [0, "0-9"],
  [10, "10-12"],
  [13, "13-15"],
  [16, "16-17"],
  [18, "18-24"],
  [25, "25+"],
] as const;
const GREATEST_AGE = 120;

/** Makes the axis of a dimension. Records never change its values: a cell that appears only when it is filled would tell. */
export function createAxis(dimension: Dimension, { countries, categories }: DomainOptions): Axis {
  switch (dimension) {
    case "level":
      return single(URGENCIES, ({ urgency }) => urgency);
    case "category":
      return multiple((category) => CATEGORY_STANDARDS[category].childHelplineInternational.category, categories);
    case "subcategory":
      return multiple(subcategoryOf, categories);
    case "age":
      return single(
        [...AGE_BANDS.map(([, name]) => name), UNKNOWN],
        ({ age }) => AGE_BANDS.findLast(([lowest]) => age !== undefined && age >= lowest)?.[1],
      );
    case "country":
      return single([...countries, OTHER], ({ country }) => country);
    case "hour":
      return single([...HOURS, UNKNOWN], ({ hour }) => (hour === undefined ? undefined : HOURS[hour]));
  }
}

/**
 * Checks a record's fields, all but the person.
 *
 * @throws EarshotError `FIELD_INVALID`
 */
export function checkRecord({ urgency, categories, age, country, hour }: StatisticsRecord): void {
  const isValid =
    URGENCIES.includes(urgency) &&
    Array.isArray(categories) &&
    categories.every((category) => CATEGORIES.includes(category)) &&
    (age === undefined || (Number.isFinite(age) && age >= 0 && age <= GREATEST_AGE)) &&
    (country === undefined || isCountry(country)) &&
    (hour === undefined || (Number.isInteger(hour) && hour >= 0 && hour < HOURS.length));
  if (!isValid) throw new EarshotError("FIELD_INVALID");
}

/** Whether it has the form of an ISO 3166-1 alpha-2 code. */
export function isCountry(country: string): boolean {
  return /^[A-Z]{2}$/.test(country);
}

/** With its category, because several have an "Unspecified/Other". */
function subcategoryOf(category: Category): string {
  const { category: main, subcategory } = CATEGORY_STANDARDS[category].childHelplineInternational;
  return `${main}: ${subcategory}`;
}

/** What is unknown or not among the values stands at the last one. */
function single(values: readonly string[], nameOf: (record: StatisticsRecord) => string | undefined): Axis {
  const places = new Map(values.map((value, place) => [value, place]));
  return {
    values,
    mostPlaces: 1,
    placesOf: (record) => [places.get(nameOf(record) ?? "") ?? values.length - 1],
  };
}

/** The strongest categories count; two that share a place there count once. */
function multiple(nameOf: (category: Category) => string, most: number): Axis {
  const names = [...new Set(CATEGORIES.map(nameOf))];
  const values = [...names, NONE];
  const mostPlaces = Math.min(most, names.length);
  return {
    values,
    mostPlaces,
    placesOf: ({ categories }) => {
      const own = [...new Set(categories.map(nameOf))].slice(0, mostPlaces);
      return own.length === 0 ? [values.indexOf(NONE)] : own.map((name) => values.indexOf(name));
    },
  };
}
