/*
 * The part of Coop's contract for integrations that this plug fulfils, in own words: roostorg/coop, types/integration.ts
 * and, for the input and the result of a signal, server/services/signalsService/signals/SignalBase.ts; read on 2026-11-22.
 */

/** One part of a model card. */
export interface CoopModelCardSection {
  readonly id: string;
  readonly title: string;
  readonly fields: readonly { readonly label: string; readonly value: string }[];
}

/** What Coop shows about an integration before anybody relies on it. */
export interface CoopManifest {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly requiresConfig: boolean;
  readonly signalTypeIds: readonly string[];
  readonly modelCard: {
    readonly modelName: string;
    readonly version: string;
    readonly sections: readonly CoopModelCardSection[];
  };
}

/** What a signal is run on. `value` is one text of the item, `subcategory` what the rule chose. */
export interface CoopSignalInput {
  readonly value: { readonly type: string; readonly value: unknown };
  readonly subcategory?: string;
}

/** What a signal answers. */
export interface CoopSignalResult {
  readonly outputType: { readonly scalarType: "NUMBER" | "BOOLEAN" };
  readonly score: number | boolean;
}

/** One signal that a rule can use. */
export interface CoopSignal {
  readonly id: { readonly type: string };
  readonly displayName: string;
  readonly description: string;
  readonly docsUrl: null;
  readonly recommendedThresholds: {
    readonly highPrecisionThreshold: number;
    readonly highRecallThreshold: number;
  } | null;
  readonly supportedLanguages: "ALL";
  readonly pricingStructure: { readonly type: "FREE" };
  readonly eligibleInputs: readonly string[];
  readonly outputType: CoopSignalResult["outputType"];
  getCost(): number;
  run(input: unknown): Promise<CoopSignalResult>;
  getDisabledInfo(orgId: string): Promise<{ disabled: false }>;
  readonly needsMatchingValues: false;
  readonly eligibleSubcategories: readonly {
    readonly id: string;
    readonly label: string;
    readonly childrenIds: readonly string[];
  }[];
  readonly needsActionPenalties: false;
  readonly integration: string;
  readonly allowedInAutomatedRules: false;
}
