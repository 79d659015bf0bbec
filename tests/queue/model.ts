import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { expect } from "vitest";
import { CATEGORIES, type Category, URGENCIES, type Urgency } from "../../src/labels.js";
import { createQueue } from "../../src/queue/queue.js";
import type { Queue, QueueOptions } from "../../src/queue/queue-types.js";
import type { Counsellor, TicketDetails } from "../../src/queue/ticket.js";

const MINUTE = 60_000;
const KEY = randomBytes(32);

/** Short times and little room, so that everything happens often. */
export const OPTIONS: QueueOptions = {
  rules: {
    headStartMinutes: { immediate: 2, urgent: 2, soon: 4, routine: 0 },
    ageAfterMinutes: { urgent: 4, soon: 6, routine: 8 },
    anyoneAfterMinutes: { immediate: 1, urgent: 2, soon: 3, routine: 8 },
    agedEvery: 3,
    claimMinutes: 2,
    maximumTickets: 6,
  },
};

/** Somebody in the model: written from the description of the queue, without its code. */
interface Person {
  readonly id: string;
  readonly order: number;
  readonly since: number;
  opened: number;
  details: TicketDetails;
  minimum?: Urgency;
  claim?: { readonly number: number; readonly until: number; readonly fits: boolean };
}

/** What the queue should hold. */
export interface Model {
  nowMs: number;
  added: number;
  claims: number;
  /** Claims of no immediate ticket since the last aged turn that found somebody. */
  plainClaims: number;
  readonly people: Map<string, Person>;
  readonly decisions: Array<{ from: number; to: number; priority: number; atMs: number }>;
}

/** The queue under test; a snapshot replaces it. */
export interface System {
  queue: Queue;
}

type Command = fc.Command<Model, System>;

/** A model and a queue, both empty. */
export function setUp(): { model: Model; real: System } {
  return {
    model: { nowMs: 1_000_000, added: 0, claims: 0, plainClaims: 0, people: new Map(), decisions: [] },
    real: { queue: createQueue(OPTIONS) },
  };
}

const rank = (level: Urgency): number => URGENCIES.indexOf(level);
const rules = createQueue(OPTIONS).rules;

function start({ since, details: { level, priority } }: Person): number {
  const share = Math.min(1, Math.max(0, 4 * priority - 3 + rank(level)));
  return since - share * rules.headStartMinutes[level] * MINUTE;
}

function agedAt({ since, details: { level } }: Person): number {
  return level === "immediate" ? Number.POSITIVE_INFINITY : since + rules.ageAfterMinutes[level] * MINUTE;
}

function suits({ details: { language, categories = [] } }: Person, { languages, skills }: Counsellor): boolean {
  if (languages !== undefined && language !== undefined && !languages.includes(language)) return false;
  return skills === undefined || categories.length === 0 || categories.some((category) => skills.includes(category));
}

function first(people: readonly Person[], key: (person: Person) => number): Person | undefined {
  return people.toSorted((left, right) => key(left) - key(right) || left.order - right.order)[0];
}

function endOverdueClaims(model: Model): void {
  for (const person of model.people.values()) {
    if (person.claim === undefined || model.nowMs < person.claim.until) continue;
    if (!person.claim.fits) person.opened = model.nowMs;
    delete person.claim;
  }
}

function expected(model: Model, counsellor: Counsellor): { person: Person | undefined; aged: boolean } {
  const offered = [...model.people.values()].filter(
    (person) =>
      person.claim === undefined &&
      (suits(person, counsellor) ||
        model.nowMs >= person.opened + rules.anyoneAfterMinutes[person.details.level] * MINUTE),
  );
  const immediate = offered.filter(({ details }) => details.level === "immediate");
  if (immediate.length > 0) return { person: first(immediate, start), aged: false };
  const aged = offered.filter((person) => agedAt(person) <= model.nowMs);
  if (aged.length > 0 && model.plainClaims >= rules.agedEvery - 1) return { person: first(aged, agedAt), aged: true };
  const gravest = Math.min(...offered.map(({ details }) => rank(details.level)));
  return {
    person: first(
      offered.filter(({ details }) => rank(details.level) === gravest),
      start,
    ),
    aged: false,
  };
}

/** Both hold the same people, each once, with the same details. */
function compare(model: Model, { queue }: System): void {
  const waiting = [...model.people.values()].filter(({ claim }) => claim === undefined);
  const seen = queue.list(model.nowMs);
  expect(seen.map(({ id, level, since }) => `${id} ${level} ${since}`).sort()).toEqual(
    waiting.map(({ id, details, since }) => `${id} ${details.level} ${since}`).sort(),
  );
  expect(queue.counts(model.nowMs)).toMatchObject({
    claimed: model.people.size - waiting.length,
    aged: waiting.filter((person) => agedAt(person) <= model.nowMs).length,
  });
  expect(queue.overrides()).toEqual(model.decisions);
}

function command(name: string, run: (model: Model, queue: Queue, real: System) => void): Command {
  return {
    check: () => true,
    run: (model, real) => {
      endOverdueClaims(model);
      run(model, real.queue, real);
      compare(model, real);
    },
    toString: () => name,
  };
}

const expectError = (call: () => void, code: string): void => expect(call).toThrow(expect.objectContaining({ code }));

const add = (id: string, details: TicketDetails, ago: number): Command =>
  command(`add(${id}, ${JSON.stringify(details)}, ${ago})`, (model, queue) => {
    const since = model.nowMs - ago * 30_000;
    const call = (): void => queue.add({ id, since, ...details }, model.nowMs);
    if (model.people.has(id)) return expectError(call, "TICKET_DUPLICATE");
    if (model.people.size >= rules.maximumTickets && details.level !== "immediate")
      return expectError(call, "QUEUE_FULL");
    call();
    model.people.set(id, { id, order: model.added, since, opened: since, details });
    model.added += 1;
  });

const update = (id: string, details: TicketDetails): Command =>
  command(`update(${id}, ${JSON.stringify(details)})`, (model, queue) => {
    const person = model.people.get(id);
    if (person === undefined) return expectError(() => queue.update(id, details), "TICKET_UNKNOWN");
    queue.update(id, details);
    const level = URGENCIES[Math.min(rank(details.level), rank(person.minimum ?? "routine"))];
    person.details = { ...details, level };
  });

const override = (id: string, level: Urgency): Command =>
  command(`override(${id}, ${level})`, (model, queue) => {
    const person = model.people.get(id);
    if (person === undefined) return expectError(() => queue.override(id, level, model.nowMs), "TICKET_UNKNOWN");
    queue.override(id, level, model.nowMs);
    const { level: before, priority } = person.details;
    model.decisions.push({ from: rank(before), to: rank(level), priority, atMs: model.nowMs });
    person.minimum = level;
    person.details = { ...person.details, level };
  });

const remove = (id: string): Command =>
  command(`remove(${id})`, (model, queue) => {
    if (!model.people.delete(id)) return expectError(() => queue.remove(id), "TICKET_UNKNOWN");
    queue.remove(id);
  });

const claim = (counsellor: Counsellor): Command =>
  command(`claim(${JSON.stringify(counsellor)})`, (model, queue) => {
    const { person, aged } = expected(model, counsellor);
    const claimed = queue.claim(counsellor, model.nowMs);
    expect(claimed?.ticket.id).toBe(person?.id);
    if (person === undefined || claimed === undefined) return;
    // Nothing below immediate overtakes: neither this rule nor the model's order is asked here.
    if (claimed.ticket.level !== "immediate")
      for (const other of model.people.values())
        expect(other.claim === undefined && other.details.level === "immediate" && suits(other, counsellor)).toBe(
          false,
        );
    model.claims += 1;
    expect(claimed.number).toBe(model.claims);
    expect(claimed.fits).toBe(suits(person, counsellor));
    person.claim = { number: claimed.number, until: model.nowMs + 2 * MINUTE, fits: claimed.fits };
    if (aged) model.plainClaims = 0;
    else if (person.details.level !== "immediate") model.plainClaims += 1;
  });

/** Ends a claim: one of the live ones, or one that has ended. */
const end = (how: "complete" | "release", choice: number): Command =>
  command(`${how}(${choice})`, (model, queue) => {
    const number = 1 + (choice % (model.claims + 1));
    const person = [...model.people.values()].find((one) => one.claim?.number === number);
    if (person === undefined) return expectError(() => queue[how](number, model.nowMs), "CLAIM_EXPIRED");
    queue[how](number, model.nowMs);
    if (how === "complete") model.people.delete(person.id);
    else {
      if (!person.claim?.fits) person.opened = model.nowMs;
      delete person.claim;
    }
  });

const wait = (halfMinutes: number): Command =>
  command(`wait(${halfMinutes})`, (model) => {
    model.nowMs += halfMinutes * 30_000;
    endOverdueClaims(model);
  });

const restart: Command = command("restart()", (_, queue, real) => {
  real.queue = createQueue({ ...OPTIONS, restore: { snapshot: queue.snapshot(KEY), key: KEY } });
});

const id = fc.constantFrom(..."abcdefghijkl");
const level = fc.constantFrom(...URGENCIES);
const language = fc.constantFrom("en", "sw");
const category: fc.Arbitrary<Category> = fc.constantFrom(CATEGORIES[0], CATEGORIES[1]);
const details: fc.Arbitrary<TicketDetails> = fc
  .record({ level, share: fc.nat({ max: 8 }), language: fc.option(language), category: fc.option(category) })
  .map((one) => ({
    level: one.level,
    priority: (3 - rank(one.level) + one.share / 8) / 4,
    ...(one.language !== null && { language: one.language }),
    ...(one.category !== null && { categories: [one.category] }),
  }));
const counsellor: fc.Arbitrary<Counsellor> = fc
  .record({ language: fc.option(language), skill: fc.option(category) })
  .map((one) => ({
    ...(one.language !== null && { languages: [one.language] }),
    ...(one.skill !== null && { skills: [one.skill] }),
  }));

/** Everything that can happen to a queue, in any order. */
export const commands: fc.Arbitrary<Iterable<Command>> = fc.commands(
  [
    fc.tuple(id, details, fc.nat({ max: 10 })).map(([one, two, three]) => add(one, two, three)),
    fc.tuple(id, details, fc.constant(0)).map(([one, two, three]) => add(one, two, three)),
    fc.tuple(id, details).map(([one, two]) => update(one, two)),
    fc.tuple(id, level).map(([one, two]) => override(one, two)),
    id.map(remove),
    counsellor.map(claim),
    fc.constant(claim({})),
    fc.nat().map((choice) => end("complete", choice)),
    fc.nat().map((choice) => end("release", choice)),
    fc.nat({ max: 6 }).map(wait),
    fc.constant(restart),
  ],
  { size: "+1", maxCommands: 80 },
);
