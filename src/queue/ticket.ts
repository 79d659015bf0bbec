import { EarshotError } from "../errors.js";
import { CATEGORIES, type Category, URGENCIES, type Urgency } from "../labels.js";

/** What an assessment says about somebody who waits, as far as the queue needs it. No field can hold what was written. */
export interface TicketDetails {
  readonly level: Urgency;
  /** `Assessment.priority`, in [0, 1]. */
  readonly priority: number;
  /** Strongest first; none when absent. */
  readonly categories?: readonly Category[];
  /** BCP 47 tag, for counsellors who speak it; absent or `und` when unknown. */
  readonly language?: string;
  /** How the conversation moves, above 0 when it gets worse. Shown with the ticket; the order has it in `priority`. */
  readonly trend?: number;
}

/** Somebody who begins to wait. */
export interface NewTicket extends TicketDetails {
  /** The caller's own, opaque: 1 to 128 letters, digits and `_ . : @ / + = -`. */
  readonly id: string;
  /** When the wait began, in milliseconds since 1970; now when absent or later than now. */
  readonly since?: number;
}

/** Somebody who waits. */
export interface Ticket extends TicketDetails {
  readonly id: string;
  readonly categories: readonly Category[];
  readonly since: number;
}

/** A counsellor who is free. */
export interface Counsellor {
  /** BCP 47 tags; all when absent. */
  readonly languages?: readonly string[];
  /** Categories of harm that they were trained for; all when absent. */
  readonly skills?: readonly Category[];
}

// No white space, so that nobody can pass a sentence as an id.
const ID = /^[\w.:@/+=-]{1,128}$/;
const LANGUAGE = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,8}$/;
const UNKNOWN = "und";

/**
 * Returns a checked copy.
 *
 * @throws EarshotError `TICKET_INVALID` when a field is missing, unknown or impossible
 */
export function checkTicket(value: NewTicket, nowMs: number): Ticket {
  const { id, since = nowMs, ...details } = checkObject(value);
  if (typeof id !== "string" || !ID.test(id)) throw new EarshotError("TICKET_INVALID");
  if (typeof since !== "number" || !Number.isFinite(since)) throw new EarshotError("TICKET_INVALID");
  return { id, ...checkDetails(details as unknown as TicketDetails), since: Math.min(since, nowMs) };
}

/**
 * Returns a checked copy.
 *
 * @throws EarshotError `TICKET_INVALID` when a field is missing, unknown or impossible
 */
export function checkDetails(value: TicketDetails): TicketDetails & { readonly categories: readonly Category[] } {
  const { level, priority, categories = [], language, trend, ...others } = checkObject(value);
  const isValid =
    Object.keys(others).length === 0 &&
    URGENCIES.includes(level) &&
    typeof priority === "number" &&
    priority >= 0 &&
    priority <= 1 &&
    areCategories(categories) &&
    (language === undefined || isLanguage(language)) &&
    (trend === undefined || Number.isFinite(trend));
  if (!isValid) throw new EarshotError("TICKET_INVALID");
  return {
    level,
    priority,
    categories: [...categories],
    ...(language !== undefined && { language }),
    ...(trend !== undefined && { trend }),
  };
}

/**
 * Checks a level.
 *
 * @throws EarshotError `TICKET_INVALID` when there is no such level
 */
export function checkLevel(level: Urgency): void {
  if (!URGENCIES.includes(level)) throw new EarshotError("TICKET_INVALID");
}

/**
 * Checks what a counsellor states.
 *
 * @throws EarshotError `TICKET_INVALID` when a field is unknown or impossible
 */
export function checkCounsellor(value: Counsellor): void {
  const { languages, skills, ...others } = checkObject(value);
  const isValid =
    Object.keys(others).length === 0 &&
    (languages === undefined || (Array.isArray(languages) && languages.every(isLanguage))) &&
    (skills === undefined || areCategories(skills));
  if (!isValid) throw new EarshotError("TICKET_INVALID");
}

/**
 * Whether a counsellor speaks the language of a ticket, as far as it is known and whatever the region or script, and was
 * trained for at least one of its categories, if it has any.
 */
export function fits({ language, categories }: Ticket, { languages, skills }: Counsellor): boolean {
  const spoken = language === undefined ? UNKNOWN : primary(language);
  return (
    (languages === undefined || spoken === UNKNOWN || languages.some((tag) => primary(tag) === spoken)) &&
    (skills === undefined || categories.length === 0 || categories.some((category) => skills.includes(category)))
  );
}

function checkObject<Value extends object>(value: Value): Value {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new EarshotError("TICKET_INVALID");
  return value;
}

function areCategories(value: unknown): boolean {
  return (
    Array.isArray(value) && value.every((item) => CATEGORIES.includes(item)) && new Set(value).size === value.length
  );
}

function isLanguage(value: unknown): boolean {
  return typeof value === "string" && LANGUAGE.test(value);
}

function primary(tag: string): string {
  return tag.split("-", 1)[0].toLowerCase();
}
