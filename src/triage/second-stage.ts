import { createEncoder, type Encoder } from "../model/encoder.js";
import { LABEL_COLUMNS, type Pack } from "../model/pack.js";
import type { OnnxSession } from "../runtimes/onnx.js";

/** The encoder of a pack and the runtime that it runs in. */
export interface SecondStage {
  readonly encoder: Encoder;
  /**
   * Loads the runtime and the graph, at the first call; without it the encoder fails.
   *
   * @throws EarshotError `RUNTIME_MISSING`, `RUNTIME_REFUSED`, `RUNTIME_FAILED`
   */
  load(): Promise<void>;
  close(): Promise<void>;
}

const NOTHING = new Uint8Array(0);

/** Prepares the second stage of a pack, if it has one. The bytes of its graph are let go when it is loaded. */
export function createSecondStage({ encoder, manifest }: Pack): SecondStage | undefined {
  if (encoder === undefined || manifest.encoder === undefined) return undefined;
  const { vocabulary } = encoder;
  let { graph } = encoder;
  let opening: Promise<OnnxSession> | undefined;

  const openSession = async (): Promise<OnnxSession> => {
    // Imported only here: the runtime takes memory and time to start.
    const { loadOnnxRuntime } = await import("../runtimes/onnx.js");
    const session = await loadOnnxRuntime().createSession(graph);
    graph = NOTHING;
    return session;
  };

  const open = (): Promise<OnnxSession> => {
    opening ??= openSession();
    return opening;
  };

  return {
    encoder: createEncoder({ vocabulary }, manifest.encoder, async (windows, logits, read) =>
      (await open()).run(
        windows.map((ids) => ({ ids: { data: ids, shape: [ids.length], below: vocabulary.size } })),
        { logits: { data: logits, shape: [LABEL_COLUMNS] } },
        read,
      ),
    ),
    async load() {
      await open();
    },
    async close() {
      const session = await opening?.catch(() => undefined);
      await session?.close();
    },
  };
}
