export { type AseloSuggestion, aseloSuggestion } from "./aselo.js";
export {
  type ChatwootAnswer,
  type ChatwootPriority,
  type ChatwootRequest,
  verifyChatwoot,
} from "./chatwoot.js";
export type { PlugAnswer, PlugRoute, PlugServices } from "./plug.js";
export { plugRoutes } from "./routes.js";
export { signWebhook, verifyWebhook, type WebhookHeaders, type WebhookSigning, webhookPayload } from "./webhook.js";
