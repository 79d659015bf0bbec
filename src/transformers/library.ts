import { createRequire } from "node:module";
import { EarshotError } from "../errors.js";
import { canBeSilenced, hasTelemetry, isSilenced, silence } from "../runtimes/telemetry.js";

/**
 * The part that is used of `@huggingface/transformers` (tested with 4.3.1) or `@xenova/transformers` (2.17.2): either
 * module as it is imported.
 */
export interface TransformersLibrary {
  /** Its settings, which hold for the whole process. */
  readonly env: object;
  readonly AutoTokenizer: PretrainedClass;
  readonly AutoModelForSequenceClassification: PretrainedClass;
}

interface PretrainedClass {
  from_pretrained(folder: string, options?: object): Promise<unknown>;
}

/** The settings that are looked at or changed. */
interface LibrarySettings {
  version?: unknown;
  backends?: { onnx?: { versions?: { node?: unknown }; logLevel?: string } };
}

/** Of the settings of 4.x: no output at all, because it quotes token ids when a run fails. */
const LOG_NOTHING = 50;
/** The last version of `@xenova/transformers` is 2.17.2; it brings onnxruntime-node 1.14.0, which has no telemetry and does not say its version. */
const XENOVA = /^2\./;
const XENOVA_RUNTIME = "1.14.0";

/**
 * Loads the library with telemetry switched off, and then takes its network and its caches from it.
 *
 * @throws EarshotError `RUNTIME_MISSING` when it cannot be loaded; `RUNTIME_REFUSED` when its runtime has telemetry that
 *   was not switched off before it was loaded, or when its version cannot be told
 */
export async function openLibrary(
  library: TransformersLibrary | (() => Promise<TransformersLibrary>),
): Promise<TransformersLibrary> {
  const opened = typeof library === "function" ? await loadSilently(library) : library;
  const settings = opened.env as LibrarySettings;
  if (hasTelemetry(runtimeVersion(settings)) && !isSilenced()) throw new EarshotError("RUNTIME_REFUSED");
  isolate(opened.env);
  return opened;
}

async function loadSilently(load: () => Promise<TransformersLibrary>): Promise<TransformersLibrary> {
  // Set only where it is still in time: what is read below must not look silenced when it is not.
  if (canBeSilenced(createRequire(import.meta.url))) silence();
  try {
    return await load();
  } catch {
    throw new EarshotError("RUNTIME_MISSING");
  }
}

/** Version of its onnxruntime-node, empty when it cannot be told. */
function runtimeVersion({ version, backends }: LibrarySettings): string {
  const stated = backends?.onnx?.versions?.node;
  if (typeof stated === "string") return stated;
  return typeof version === "string" && XENOVA.test(version) ? XENOVA_RUNTIME : "";
}

/** Nothing is fetched, nothing is stored, nothing is printed. Settings that a version does not have do no harm there. */
function isolate(env: object): void {
  Object.assign(env, {
    allowRemoteModels: false,
    allowLocalModels: true,
    remoteHost: "",
    // Folders are given as absolute paths, which 2.x puts behind this one.
    localModelPath: "/",
    useFS: true,
    useBrowserCache: false,
    useFSCache: false,
    useCustomCache: false,
    customCache: null,
    useWasmCache: false,
    cacheDir: null,
    experimental_useCrossOriginStorage: false,
    logLevel: LOG_NOTHING,
    fetch: refuse,
  });
  const { backends } = env as LibrarySettings;
  if (backends?.onnx) backends.onnx.logLevel = "fatal";
}

async function refuse(): Promise<never> {
  throw new EarshotError("RUNTIME_REFUSED");
}
