import learned from "./learned.json" with { type: "json" };
import type { ConversationModel } from "./model.js";

/** The numbers that `npx tsx models/training/learn-conversations.ts` learned from the labelled conversations. */
export const CONVERSATION_MODEL: ConversationModel = learned;
