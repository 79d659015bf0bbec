import { URGENCIES, type Urgency } from "../labels.js";

/** Place of a level, 0 for the gravest. */
export function rankOf(level: Urgency): number {
  return URGENCIES.indexOf(level);
}

/** Whether `left` is graver than `right`. */
export function isGraver(left: Urgency, right: Urgency): boolean {
  return rankOf(left) < rankOf(right);
}
