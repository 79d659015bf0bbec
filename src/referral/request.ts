import type { Category, Signal, Urgency } from "../labels.js";
import type { ChannelKind } from "./schema.js";

/** What the operator knows at the moment about how much one service can take. Emergency services are never held full. */
export interface Capacity {
  /** Id of the entry. */
  readonly id: string;
  /** Milliseconds since 1970 until which it takes nobody, as for "this line is full until 18:00". */
  readonly fullUntil?: number;
  /** Most people who may be sent there in a day; the caller decides when a day begins and counts. */
  readonly dailyCap?: number;
  /** People who were sent there today; 0 when absent. */
  readonly referredToday?: number;
}

/** What the choice depends on; nothing in it is text of the message. */
export interface ReferralRequest {
  /** ISO 3166-1 alpha-2, any case; `UK` is understood as `GB`. */
  readonly country?: string;
  /** Part of the country, as the directory writes it; case and accents do not matter. */
  readonly region?: string;
  readonly urgency: Urgency;
  readonly categories: readonly Category[];
  /** `young`: the one at risk is a child. `third_party`: an adult's age is the writer's, and says nothing about that one. */
  readonly signals: readonly Signal[];
  /** Years, of the person who writes. */
  readonly age?: number;
  /** BCP 47 tags that the person understands. */
  readonly languages?: readonly string[];
  /** Ways of reaching a service that the person wants; what has none of them comes after what has. */
  readonly channels?: readonly ChannelKind[];
  /** Whether services that cost nothing come before others that fit as well. */
  readonly free?: boolean;
  /** Whether services that let a person stay anonymous come before others that fit as well. */
  readonly anonymous?: boolean;
  /** Services that are full stand behind those that are not, and say so. */
  readonly capacity?: readonly Capacity[];
  /** Most entries to return, at least 0; 3 when absent. */
  readonly limit?: number;
  /** Days after which an entry is marked stale; 365 when absent. */
  readonly staleAfterDays?: number;
}
