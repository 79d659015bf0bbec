import * as fc from "fast-check";

// One seed a day, so that a failure repeats for the rest of the day and the tests still wander; FC_SEED repeats an old one.
const seed = process.env.FC_SEED ? Number(process.env.FC_SEED) : Math.floor(Date.now() / 86_400_000);
fc.configureGlobal({ seed });
