import { EarshotError } from "../errors.js";

const THOUSAND = 1000;
const GREATEST_EPSILON = 10;

/** What pays for releases. Losses add up (sequential composition), over releases and over all tables in each of them. */
export interface Budget {
  /**
   * Pays for one release before anything of it is drawn.
   *
   * @throws EarshotError `BUDGET_SPENT` when less than `epsilon` is left; nothing is then spent
   */
  spend(epsilon: number): void;
}

/** A budget in memory that knows what is left. */
export interface CountedBudget extends Budget {
  /** What is left, rounded to thousandths. */
  left(): number;
}

/**
 * Makes a budget; give the same one to all statistics about the same people.
 *
 * @throws EarshotError `STATISTICS_INVALID` when a number is not a multiple of 0.001 from 0 on
 */
export function createBudget(limit: number, alreadySpent = 0): CountedBudget {
  const total = toThousandths(limit);
  let spent = toThousandths(alreadySpent);
  return {
    spend(epsilon) {
      const asked = epsilonInThousandths(epsilon);
      if (spent + asked > total)
        throw new EarshotError("BUDGET_SPENT", { limit, spent: spent / THOUSAND, asked: epsilon });
      spent += asked;
    },
    left: () => Math.max(0, total - spent) / THOUSAND,
  };
}

/**
 * The epsilon of one release in thousandths: whole numbers add up exactly, and give the noise an exact scale.
 *
 * @throws EarshotError `STATISTICS_INVALID` unless it is a multiple of 0.001 above 0 and at most 10, where nothing that
 *   deserves the name of protection is left
 */
export function epsilonInThousandths(epsilon: number): number {
  const thousandths = toThousandths(epsilon);
  if (thousandths === 0 || epsilon > GREATEST_EPSILON) throw new EarshotError("STATISTICS_INVALID");
  return thousandths;
}

/**
 * An amount of epsilon in thousandths.
 *
 * @throws EarshotError `STATISTICS_INVALID` unless it is a multiple of 0.001 from 0 on
 */
export function toThousandths(amount: number): number {
  const thousandths = Math.round(amount * THOUSAND);
  if (!Number.isSafeInteger(thousandths) || thousandths < 0 || thousandths / THOUSAND !== amount)
    throw new EarshotError("STATISTICS_INVALID");
  return thousandths;
}
