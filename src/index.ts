export {
  EarshotError,
  type EarshotErrorCode,
  type EarshotErrorDetails,
  type EarshotErrorJson,
  ERROR_MESSAGES,
  isEarshotError,
} from "./errors.js";
export { type HardenReport, harden } from "./harden.js";
export {
  CATEGORIES,
  type Category,
  REVIEW_CODES,
  type ReviewCode,
  SIGNALS,
  type Signal,
  URGENCIES,
  type Urgency,
} from "./labels.js";
export type { Calibration, HeadCalibration, LanguageQuality, Manifest, PackFile } from "./model/manifest.js";
export { loadPack, type Pack } from "./model/pack.js";
export { DEFAULT_POLICY, type Policy } from "./policy/schema.js";
export { type WaitingAssumptions, waitingBound } from "./queue/order.js";
export { createQueue } from "./queue/queue.js";
export type { Claim, ListedTicket, Queue, QueueCounts, QueueOptions } from "./queue/queue-types.js";
export type { MilderUrgency, MinutesPerLevel, QueueRules } from "./queue/rules.js";
export type { Override } from "./queue/state.js";
export type { Counsellor, NewTicket, Ticket, TicketDetails } from "./queue/ticket.js";
export type { Referral, ReferralDirectory, ReferralNotice, ReferralReason } from "./referral/schema.js";
export {
  type AssessOptions,
  createTriage,
  MAXIMUM_TEXT_BYTES,
  type Message,
  type Triage,
  type TriageOptions,
} from "./triage.js";
export type {
  Assessment,
  CategoryCodes,
  Coverage,
  DetectedLanguage,
  MessageContext,
  Reason,
  Scores,
  Span,
  StandardCodes,
} from "./types.js";
