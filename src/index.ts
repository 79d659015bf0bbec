export type { Conversation, ConversationOptions, TurnOptions } from "./conversation/conversation.js";
export type { Speaker } from "./conversation/state.js";
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
export type { TriagePool, TriagePoolOptions } from "./pool/pool-types.js";
export { createTriagePool } from "./pool.js";
export { type WaitingAssumptions, waitingBound } from "./queue/order.js";
export { createQueue } from "./queue/queue.js";
export type { Claim, ListedTicket, Queue, QueueCounts, QueueOptions } from "./queue/queue-types.js";
export type { MilderUrgency, MinutesPerLevel, QueueRules } from "./queue/rules.js";
export type { Override } from "./queue/state.js";
export type { Counsellor, NewTicket, Ticket, TicketDetails } from "./queue/ticket.js";
export { explainReferrals, type LeftOutReason, type ReferralExplanation } from "./referral/explain.js";
export { loadDirectory } from "./referral/load.js";
export { type ReferralText, referralMessage } from "./referral/messages.js";
export type { Capacity, ReferralRequest } from "./referral/request.js";
export { resolveReferrals } from "./referral/resolve.js";
export type {
  AgeBand,
  ChannelKind,
  DirectoryEntry,
  OwnDirectory,
  OwnReferralMessages,
  Referral,
  ReferralChannel,
  ReferralDirectory,
  ReferralKind,
  ReferralNotice,
  ReferralReason,
  ReferralResult,
} from "./referral/schema.js";
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
  SpeakerTrend,
  StandardCodes,
  Trend,
} from "./types.js";
