import type { Order } from "./orders.js";
import type { Shift, Visit } from "./scenario.js";

const HOUR = 60;
const DAY = 24 * HOUR;

/**
 * Serves everybody in one order and returns how many minutes each waited. Whoever is free takes the next at once, and a
 * conversation that has begun is finished, also after the end of a shift. Nobody gives up waiting.
 *
 * @param visits in order of time
 * @param startMinute minute of the day at which the run starts; before it nobody is served
 * @param shifts with somebody at some hour of the day
 */
export function runOrder(
  visits: readonly Visit[],
  shifts: readonly Shift[],
  startMinute: number,
  order: Order,
): Float64Array {
  const waits = new Float64Array(visits.length);
  // Ends of conversations, the next one last.
  const ends: number[] = [];
  let arrived = 0;
  let served = 0;
  let change = 0;
  let places = 0;
  while (served < visits.length) {
    const now = Math.min(
      visits[arrived]?.atMinutes ?? Number.POSITIVE_INFINITY,
      ends.at(-1) ?? Number.POSITIVE_INFINITY,
      change,
    );
    for (; arrived < visits.length && visits[arrived].atMinutes <= now; arrived += 1)
      order.add(arrived, visits[arrived].givenLevel, visits[arrived].atMinutes);
    while (ends.length > 0 && ends[ends.length - 1] <= now) ends.pop();
    if (change <= now) {
      places = placesAt(shifts, startMinute + now);
      change = nextChange(shifts, startMinute + now) - startMinute;
    }
    for (; ends.length < places && served < arrived; served += 1) {
      const next = order.next(now);
      waits[next] = now - visits[next].atMinutes;
      insert(ends, now + visits[next].handlingMinutes);
    }
  }
  return waits;
}

/** Conversations that can be held at once. */
function placesAt(shifts: readonly Shift[], minute: number): number {
  const hour = (minute % DAY) / HOUR;
  return shifts
    .filter(({ fromHour, toHour }) =>
      fromHour < toHour ? hour >= fromHour && hour < toHour : hour >= fromHour || hour < toHour,
    )
    .reduce((sum, { count, chatsEach }) => sum + count * chatsEach, 0);
}

/** The next minute after this one at which a shift begins or ends. */
function nextChange(shifts: readonly Shift[], minute: number): number {
  const midnight = Math.floor(minute / DAY) * DAY;
  const changes = shifts.flatMap(({ fromHour, toHour }) => [fromHour * HOUR, toHour * HOUR]);
  return Math.min(
    ...changes.flatMap((change) => [midnight + change, midnight + DAY + change]).filter((change) => change > minute),
  );
}

/** Keeps the largest first. */
function insert(descending: number[], value: number): void {
  let low = 0;
  for (let high = descending.length; low < high; ) {
    const middle = (low + high) >> 1;
    if (descending[middle] > value) low = middle + 1;
    else high = middle;
  }
  descending.splice(low, 0, value);
}
