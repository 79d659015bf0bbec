import type { Urgency } from "../labels.js";
import type { MinutesPerLevel, QueueRules } from "../queue/rules.js";

/** Counsellors who work at the same hours, every day. */
export interface Shift {
  /** Hour of the day, 0 to 24; a half is 0.5. */
  readonly fromHour: number;
  /** Hour of the day, 0 to 24; at or before `fromHour` it is one of the next day. */
  readonly toHour: number;
  readonly count: number;
  /** Conversations that each holds at once. */
  readonly chatsEach: number;
}

/** How long conversations take: log-normal. */
export interface Handling {
  /** Minutes, above 0. */
  readonly mean: number;
  /** Standard deviation over mean; 0 when all take the same time. */
  readonly cv: number;
}

/** How people come, when there is no record of it. */
export interface ArrivalModel {
  /** Hour of the day at which the run starts, 0 to 23. */
  readonly startHour: number;
  /** How long people come; those who wait then are still served. */
  readonly hours: number;
  /** People in each hour of the day, from 0 o'clock: 24 rates, at random moments (Poisson). */
  readonly perHour: readonly number[];
  /** How common each true level is: shares or counts. */
  readonly levels: Readonly<Record<Urgency, number>>;
  /** People who wait when the run starts, and over how many minutes before they came. */
  readonly waitingAtStart?: { readonly count: number; readonly overMinutes: number };
}

/** A service to be simulated. */
export interface Scenario {
  readonly name: string;
  /** Sources and assumptions, shown with the results. */
  readonly notes: readonly string[];
  readonly arrivals?: ArrivalModel;
  /** People who come in the first hours are served and not counted. */
  readonly warmUpHours?: number;
  readonly counsellors: readonly Shift[];
  readonly handlingMinutes: Readonly<Record<Urgency, Handling>>;
  /** For each true level, how often Earshot gives which: shares or counts, as `earshot evaluate` prints them. */
  readonly givenLevels: Readonly<Record<Urgency, Readonly<Record<Urgency, number>>>>;
  /** Targets, and with them the rules of the queue; those of the default policy when absent. */
  readonly respondWithinMinutes?: MinutesPerLevel;
  /** Rules of the queue that are to differ. */
  readonly queue?: Partial<Omit<QueueRules, "maximumTickets">>;
}

/** Somebody who came, as recorded or drawn. */
export interface Arrival {
  /** Minutes since the beginning of the run; below 0 for those who wait already. */
  readonly atMinutes: number;
  /** The true level. */
  readonly level: Urgency;
  /** How long the conversation takes; drawn when absent. */
  readonly handlingMinutes?: number;
}

/** Somebody in one run. */
export interface Visit extends Required<Arrival> {
  /** The level that Earshot gives. */
  readonly givenLevel: Urgency;
}
