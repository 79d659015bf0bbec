import { aseloRoute } from "./aselo.js";
import { chatwootRoute } from "./chatwoot.js";
import { perspectiveRoute } from "./perspective.js";
import type { PlugRoute } from "./plug.js";

/** Every plug that is reached over HTTP. The one for Coop is a module that Coop loads: `earshot/coop`. */
export const plugRoutes: readonly PlugRoute[] = Object.freeze([perspectiveRoute, aseloRoute, chatwootRoute]);
