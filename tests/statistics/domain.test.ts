import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CATEGORIES } from "../../src/labels.js";
import { CATEGORY_STANDARDS } from "../../src/policy/standards.js";
import {
  checkRecord,
  createAxis,
  DIMENSIONS,
  type Dimension,
  type StatisticsRecord,
} from "../../src/statistics/domain.js";
import { anyRecordOf } from "./support.js";

const OPTIONS = { countries: ["KE", "UG"], categories: 2 };
const RECORD: StatisticsRecord = { person: 1, urgency: "soon", categories: [] };

const valuesOf = (dimension: Dimension, record: Partial<StatisticsRecord>, options = OPTIONS): string[] => {
  const { values, placesOf } = createAxis(dimension, options);
  return placesOf({ ...RECORD, ...record }).map((place) => values[place]);
};

describe("createAxis", () => {
  it.each<[Dimension, Partial<StatisticsRecord>, string[]]>([
    ["level", { urgency: "immediate" }, ["immediate"]],
    ["category", {}, ["none"]],
    ["category", { categories: ["bullying", "suicide"] }, ["Violence", "Mental Health"]],
    ["category", { categories: ["suicide", "self_harm", "bullying"] }, ["Mental Health", "Violence"]],
    ["category", { categories: ["education", "suicide", "bullying"] }, ["Education and Occupation", "Mental Health"]],
    ["subcategory", { categories: ["suicide"] }, ["Mental Health: Suicidal thoughts and suicide attempts"]],
    ["subcategory", { categories: ["family_violence", "armed_conflict"] }, ["Violence: Unspecified/Other"]],
    ["age", { age: 0 }, ["0-9"]],
    ["age", { age: 9.9 }, ["0-9"]],
    ["age", { age: 10 }, ["10-12"]],
    ["age", { age: 15 }, ["13-15"]],
    ["age", { age: 17 }, ["16-17"]],
    ["age", { age: 18 }, ["18-24"]],
    ["age", { age: 120 }, ["25+"]],
    ["age", {}, ["unknown"]],
    ["country", { country: "UG" }, ["UG"]],
    ["country", { country: "TZ" }, ["other or unknown"]],
    ["country", {}, ["other or unknown"]],
    ["hour", { hour: 0 }, ["00"]],
    ["hour", { hour: 23 }, ["23"]],
    ["hour", {}, ["unknown"]],
  ])("%s of %o", (dimension, record, expected) => {
    expect(valuesOf(dimension, record)).toEqual(expected);
  });

  it("has every category of Child Helpline International that an assessment can have, and none", () => {
    const mapped = CATEGORIES.map((category) => CATEGORY_STANDARDS[category].childHelplineInternational);
    const { values } = createAxis("category", OPTIONS);
    expect(values).toEqual([...new Set(mapped.map(({ category }) => category)), "none"]);
    expect(createAxis("subcategory", OPTIONS).values).toEqual([
      ...new Set(mapped.map(({ category, subcategory }) => `${category}: ${subcategory}`)),
      "none",
    ]);
  });

  it("cannot stand at more places than there are", () => {
    const { mostPlaces, values } = createAxis("category", { ...OPTIONS, categories: 18 });
    expect(mostPlaces).toBe(values.length - 1);
    expect(valuesOf("category", { categories: CATEGORIES }, { ...OPTIONS, categories: 18 })).toHaveLength(mostPlaces);
  });

  it("is not changed by what is done to the list of countries afterwards", () => {
    const countries = ["KE"];
    const { values, placesOf } = createAxis("country", { ...OPTIONS, countries });
    countries.push("TZ");
    expect(values[placesOf({ ...RECORD, country: "TZ" })[0]]).toBe("other or unknown");
  });

  it("gives each record different places among its values, from one to the most it states", () => {
    fc.assert(
      fc.property(
        anyRecordOf(1),
        fc.constantFrom(...DIMENSIONS),
        fc.integer({ min: 1, max: 18 }),
        (record, name, categories) => {
          const { values, mostPlaces, placesOf } = createAxis(name, { ...OPTIONS, categories });
          const places = placesOf(record);
          expect(new Set(places).size).toBe(places.length);
          expect(places.length).toBeGreaterThanOrEqual(1);
          expect(places.length).toBeLessThanOrEqual(mostPlaces);
          for (const place of places) expect(values[place]).toBeTypeOf("string");
        },
      ),
    );
  });
});

describe("checkRecord", () => {
  it.each([
    { urgency: "grave" },
    { categories: ["weather"] },
    { categories: "suicide" },
    { age: -1 },
    { age: 121 },
    { age: Number.NaN },
    { age: "15" },
    { country: "ke" },
    { country: "KEN" },
    { hour: 24 },
    { hour: -1 },
    { hour: 1.5 },
  ])("refuses %o", (fields) => {
    const record = { ...RECORD, ...fields } as StatisticsRecord;
    expect(() => checkRecord(record)).toThrow(expect.objectContaining({ code: "FIELD_INVALID" }));
  });

  it("takes any other", () => {
    fc.assert(fc.property(anyRecordOf(1), (record) => checkRecord(record)));
  });
});
