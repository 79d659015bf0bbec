import { describe, expect, it } from "vitest";
import { BUNDLED_DIRECTORY } from "../../src/referral/bundled.js";
import { type HsdsObject, toHsds } from "../../src/referral/hsds.js";
import { entryOf } from "./arbitraries.js";

/**
 * Fields that HSDS 3.0 requires, and those that it knows and that are used here, by object: written down from
 * https://docs.openreferral.org/en/v3.0.1/hsds/schema_reference.html. `child` fields hold an object or a list of them.
 */
const OBJECTS: Readonly<Record<string, { required: string[]; known: string[]; child?: Record<string, string> }>> = {
  service: {
    required: ["id", "name", "status"],
    known: [
      ...["description", "url", "email", "interpretation_services", "fees_description", "minimum_age", "maximum_age"],
      ...["assured_date", "alert"],
    ],
    child: {
      organization: "organization",
      phones: "phone",
      schedules: "schedule",
      service_areas: "service_area",
      service_at_locations: "service_at_location",
      languages: "language",
      cost_options: "cost_option",
      contacts: "contact",
      attributes: "attribute",
    },
  },
  organization: { required: ["id", "name", "description"], known: [] },
  phone: { required: ["id", "number"], known: ["type", "description"] },
  schedule: { required: ["id"], known: ["freq", "byday", "opens_at", "closes_at", "description", "notes"] },
  service_area: { required: ["id"], known: ["name", "extent", "extent_type"] },
  service_at_location: { required: ["id"], known: [], child: { location: "location" } },
  location: { required: ["id", "location_type"], known: ["url"] },
  language: { required: ["id"], known: ["code", "note"] },
  cost_option: { required: ["id"], known: ["amount"] },
  contact: { required: ["id"], known: ["email"] },
  attribute: {
    required: ["id", "link_id", "taxonomy_term_id", "link_entity"],
    known: ["link_type"],
    child: { taxonomy_term: "taxonomy_term" },
  },
  taxonomy_term: { required: ["id", "name", "description"], known: ["code", "taxonomy"] },
};
const ENUMERATIONS: Readonly<Record<string, readonly string[]>> = {
  status: ["active", "inactive", "defunct", "temporarily closed"],
  location_type: ["physical", "postal", "virtual"],
  freq: ["WEEKLY", "MONTHLY"],
};
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** What is wrong with an object, as `phone.number`. */
function faults(kind: string, value: HsdsObject): string[] {
  const { required, known, child = {} } = OBJECTS[kind];
  const own = required.filter((field) => value[field] === undefined || value[field] === "");
  const inside: string[] = [];
  for (const [field, part] of Object.entries(value)) {
    if (field in child) {
      const parts = (Array.isArray(part) ? part : [part]) as HsdsObject[];
      inside.push(...parts.flatMap((one) => faults(child[field], one)));
    } else if (!required.includes(field) && !known.includes(field)) own.push(`${field} is not known`);
    else if (!isRight(field, part)) own.push(field);
  }
  return [...own.map((field) => `${kind}.${field}`), ...inside];
}

function isRight(field: string, part: HsdsObject[string]): boolean {
  if (field in ENUMERATIONS) return ENUMERATIONS[field].includes(String(part));
  if (field === "id" || field.endsWith("_id")) return UUID.test(String(part));
  if (field.endsWith("_at")) return /^([01]\d|2[0-3]):[0-5]\d$/.test(String(part));
  return typeof part !== "object";
}

describe("toHsds", () => {
  const services = toHsds(BUNDLED_DIRECTORY.entries);

  it("has the form of HSDS 3.0 for every bundled entry", () => {
    expect(services).toHaveLength(BUNDLED_DIRECTORY.entries.length);
    expect(services.flatMap((service) => faults("service", service))).toEqual([]);
  });

  it("would notice a wrong form", () => {
    const [{ name: _, ...service }] = toHsds([entryOf({ id: "line" })]);
    const broken = { ...service, status: "open", phone: "1", phones: [{ id: "1", number: "1" }] };
    expect(faults("service", broken).sort()).toEqual(
      ["phone.id", "service.name", "service.phone is not known", "service.status"].sort(),
    );
  });

  it("gives every service an id of its own, and the same one each time", () => {
    const ids = services.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(toHsds(BUNDLED_DIRECTORY.entries).map(({ id }) => id)).toEqual(ids);
  });

  it("gives one organization one id", () => {
    const [a, b, c] = toHsds([
      entryOf({ id: "a", operator: "Trust" }),
      entryOf({ id: "b", operator: "Trust" }),
      entryOf({ id: "c", operator: "Other" }),
    ]).map(({ organization }) => (organization as HsdsObject).id);
    expect(a).toBe(b);
    expect(a).not.toBe(c);
  });

  it("says all that an entry says", () => {
    const [service] = toHsds([
      entryOf({
        id: "line",
        region: "Nairobi",
        service: "Line",
        operator: "Trust",
        topics: ["suicide"],
        channels: [
          {
            kind: "call",
            address: "116",
            timeZone: "Africa/Nairobi",
            hours: {
              weekly: [
                { days: ["MO", "TU"], from: "08:00", to: "12:00" },
                { days: ["SA"], from: "22:00", to: "24:00" },
              ],
            },
          },
          { kind: "text", address: "HOME to 50101", hoursText: "mornings" },
          { kind: "chat", address: "WhatsApp 116" },
          { kind: "email", address: "a@line.example" },
          { kind: "email", address: "b@line.example" },
          { kind: "web", address: "https://line.example" },
        ],
        languages: ["zh-Hant"],
        moreLanguages: true,
        ages: { from: 8, to: 25 },
        closedOn: ["2026-12-25"],
        closedOnHolidays: true,
        cost: "free",
        caveats: ["SINGLE_SOURCE"],
      }),
    ]);
    expect(faults("service", service)).toEqual([]);
    expect(service).toMatchObject({
      name: "Line",
      description: "Source: test. Verified by: test. Confidence: high.",
      url: "https://line.example",
      email: "a@line.example",
      interpretation_services: "Other languages too, which the source does not name.",
      fees_description: "Free of charge.",
      minimum_age: 8,
      maximum_age: 25,
      assured_date: "2026-06-01",
      alert: "Only one source states this.",
      organization: { name: "Trust", description: "Operates Line." },
      phones: [
        { number: "116", type: "voice" },
        { number: "HOME to 50101", type: "text" },
        { number: "WhatsApp 116", type: "text", description: "A messenger." },
      ],
      schedules: [
        {
          freq: "WEEKLY",
          byday: "MO,TU",
          opens_at: "08:00",
          closes_at: "12:00",
          description: "For call 116. Local time in Africa/Nairobi.",
          notes: "Closed on public holidays. Closed on 2026-12-25.",
        },
        { byday: "SA", opens_at: "22:00", closes_at: "00:00" },
        { description: "For text HOME to 50101. mornings. Local time." },
      ],
      service_areas: [{ name: "Nairobi, KE", extent: "KE" }],
      service_at_locations: [{ location: { location_type: "virtual", url: "https://line.example" } }],
      languages: [{ code: "zh", note: "zh-Hant" }],
      cost_options: [{ amount: 0 }],
      contacts: [{ email: "b@line.example" }],
      attributes: [{ taxonomy_term: { code: "child_helpline" } }, { taxonomy_term: { code: "suicide" } }],
    });
  });

  it.each([
    ["paid", { fees_description: "Costs money; how much is not recorded.", cost_options: [] }],
    ["unknown", { cost_options: [] }],
  ] as const)("invents no price: %s", (cost, expected) => {
    const [service] = toHsds([entryOf({ id: "line", cost })]);
    expect(service).toMatchObject(expected);
    expect("fees_description" in service).toBe(cost === "paid");
  });
});
