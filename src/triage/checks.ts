import { EarshotError } from "../errors.js";
import { DEFAULT_POLICY, type Policy } from "../policy/schema.js";
import type { ReferralDirectory } from "../referral/schema.js";
import type { AssessOptions } from "./triage-types.js";

// The schemas are loaded only for what somebody wrote themselves: they cost more than the rest of the start-up.

/** The policy to use. @throws EarshotError `POLICY_INVALID` */
export async function checkedPolicy(policy: Policy | undefined): Promise<Policy> {
  if (policy === undefined || policy === DEFAULT_POLICY) return DEFAULT_POLICY;
  return (await import("../policy/validate.js")).parsePolicy(policy);
}

/** The directory to use. @throws EarshotError `DIRECTORY_INVALID` */
export async function checkedDirectory(directory: ReferralDirectory | undefined): Promise<ReferralDirectory> {
  if (directory === undefined) return (await import("../referral/bundled.js")).BUNDLED_DIRECTORY;
  return (await import("../referral/validate.js")).validateDirectory(directory);
}

/** Refuses impossible options of a message. @throws EarshotError `COUNTRY_UNKNOWN`, `INPUT_INVALID` */
export function checkContext(context: AssessOptions): void {
  checkCountry(context.country);
  const { age, id, language, referral = {} } = context;
  const { region, channels = [], capacity = [] } = referral;
  const valid =
    (region === undefined || typeof region === "string") &&
    [channels, capacity].every(Array.isArray) &&
    (age === undefined || (Number.isFinite(age) && age >= 0 && age <= 120)) &&
    (id === undefined || typeof id === "string") &&
    (language === undefined || typeof language === "string");
  if (!valid) throw new EarshotError("INPUT_INVALID");
}

/** Refuses what is no two-letter code. @throws EarshotError `COUNTRY_UNKNOWN` */
export function checkCountry(country: string | undefined): void {
  if (country !== undefined && !(typeof country === "string" && /^[A-Za-z]{2}$/.test(country)))
    throw new EarshotError("COUNTRY_UNKNOWN");
}
