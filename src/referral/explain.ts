import type { ReferralRequest } from "./request.js";
import { canHelp, entriesOf, isEmergency, isFinder, resolveReferrals, toCountry, topicsOf } from "./resolve.js";
import {
  type DirectoryEntry,
  type ReferralDirectory,
  type ReferralNotice,
  type ReferralResult,
  WORLD,
} from "./schema.js";

/**
 * Why an entry was left out. `NOT_NEEDED`: the message is routine and names no harm. `EMERGENCY_NOT_NEEDED`: the level calls
 * for no emergency service. `TOPIC_NOT_TAKEN`: it does not take this harm. `FINDER_NOT_NEEDED`: there is help in the country
 * itself. `NOT_A_FINDER`: it serves the whole world and lists no services of countries. `SAME_ADDRESS`: one before it is reached at the same number or page. `EMERGENCY_ONCE`: one emergency entry is
 * enough where it may not be needed. `BEYOND_LIMIT`: it fits, and there are enough before it.
 */
export type LeftOutReason =
  | "NOT_NEEDED"
  | "EMERGENCY_NOT_NEEDED"
  | "TOPIC_NOT_TAKEN"
  | "FINDER_NOT_NEEDED"
  | "NOT_A_FINDER"
  | "SAME_ADDRESS"
  | "EMERGENCY_ONCE"
  | "BEYOND_LIMIT";

/** A choice with what was not chosen. */
export interface ReferralExplanation extends ReferralResult {
  /** Every other entry of the country, and of the whole world, by id. */
  readonly leftOut: readonly { readonly entry: DirectoryEntry; readonly reason: LeftOutReason }[];
  /** Entries of other countries, which were not looked at. */
  readonly otherCountries: number;
  readonly notice?: ReferralNotice;
}

/** Does what `resolveReferrals` does and also says of each entry that was not chosen why. */
export function explainReferrals(
  request: ReferralRequest,
  directory: ReferralDirectory,
  now: Date,
): ReferralExplanation {
  const result = resolveReferrals(request, directory, now);
  const unlimited = resolveReferrals({ ...request, limit: Number.POSITIVE_INFINITY }, directory, now);
  const chosen = new Set(result.referrals.map(({ id }) => id));
  const fitting = new Set(unlimited.referrals.map(({ id }) => id));
  const local = entriesOf(directory, toCountry(request.country));
  const helpsHere = local.some((entry) => !isEmergency(entry) && canHelp(entry, topicsOf(request)));

  const reasonFor = (entry: DirectoryEntry): LeftOutReason => {
    if (unlimited.notice === "NOT_NEEDED") return "NOT_NEEDED";
    if (fitting.has(entry.id)) return "BEYOND_LIMIT";
    if (entry.country === WORLD) {
      if (!isFinder(entry)) return "NOT_A_FINDER";
      return helpsHere ? "FINDER_NOT_NEEDED" : "SAME_ADDRESS";
    }
    if (isEmergency(entry)) {
      if (request.urgency === "immediate") return "SAME_ADDRESS";
      return request.urgency === "urgent" ? "EMERGENCY_ONCE" : "EMERGENCY_NOT_NEEDED";
    }
    return canHelp(entry, topicsOf(request)) ? "SAME_ADDRESS" : "TOPIC_NOT_TAKEN";
  };

  const looked = [...local, ...entriesOf(directory, WORLD)];
  const leftOut = looked
    .filter(({ id }) => !chosen.has(id))
    .map((entry) => ({ entry, reason: reasonFor(entry) }))
    .sort((a, b) => (a.entry.id < b.entry.id ? -1 : 1));
  return { ...result, leftOut, otherCountries: directory.entries.length - looked.length };
}
