/** A worker of `rivals.ts`: `node rival-worker.js KIND FOLDER`. */

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import type { Subject } from "../src/benchmark/subject.js";
import { runWorker } from "../src/benchmark/worker.js";

const MODEL = "onnx/model_quantized.onnx";
const decoder = new TextDecoder();

/** Rivals get strings: making them of bytes is not measured. */
function strings(): Pick<Required<Subject>, "prepare"> & { readonly of: (message: Uint8Array) => string } {
  const texts = new WeakMap<Uint8Array, string>();
  return {
    prepare: (messages) => {
      for (const message of messages) texts.set(message, decoder.decode(message));
    },
    of: (message) => texts.get(message) ?? "",
  };
}

function openTokenizer(folder: string): Tokenizer {
  const json = (name: string): object => JSON.parse(readFileSync(join(folder, name), "utf8"));
  return new Tokenizer(json("tokenizer.json"), json("tokenizer_config.json"));
}

/** As its documentation has it, with the settings that come with it. */
async function openPipeline(folder: string): Promise<Subject> {
  const { env, pipeline } = await import("@huggingface/transformers");
  Object.assign(env, { allowRemoteModels: false, useFSCache: false });
  const classify = await pipeline("text-classification", folder, { dtype: "q8", local_files_only: true });
  const { prepare, of } = strings();
  return {
    name: "transformers.js pipeline, DistilBERT size",
    modelBytes: statSync(join(folder, MODEL)).size,
    prepare,
    score: (message) => classify(of(message)),
    close: async () => {},
  };
}

/** The same file by onnxruntime-node alone, on token numbers that are there already. */
async function openRuntime(folder: string): Promise<Subject> {
  const { InferenceSession, Tensor } = await import("onnxruntime-node");
  const path = join(folder, MODEL);
  const tokenizer = openTokenizer(folder);
  const session = await InferenceSession.create(path, { intraOpNumThreads: 1 });
  const feeds = new WeakMap<Uint8Array, Record<string, InstanceType<typeof Tensor>>>();
  return {
    name: "onnxruntime-node, same file, 1 thread",
    modelBytes: statSync(path).size,
    prepare: (messages) => {
      for (const message of messages) {
        const ids = BigInt64Array.from(tokenizer.encode(decoder.decode(message)).ids.slice(0, MOST_TOKENS), BigInt);
        const tensor = (data: BigInt64Array): InstanceType<typeof Tensor> => new Tensor("int64", data, [1, ids.length]);
        feeds.set(message, {
          input_ids: tensor(ids),
          attention_mask: tensor(new BigInt64Array(ids.length).fill(1n)),
        });
      }
    },
    score: (message) => session.run(feeds.get(message) ?? {}),
    close: () => session.release(),
  };
}

const MOST_TOKENS = 512;

/** The tokenizer of transformers.js alone, pure JavaScript. */
async function openTokenizerAlone(folder: string): Promise<Subject> {
  const tokenizer = openTokenizer(folder);
  const { prepare, of } = strings();
  return {
    name: "tokenizer of transformers.js alone",
    modelBytes: statSync(join(folder, "tokenizer.json")).size,
    prepare,
    score: (message) => tokenizer.encode(of(message)),
    close: async () => {},
  };
}

const KINDS = { pipeline: openPipeline, runtime: openRuntime, tokenizer: openTokenizerAlone } as const;

// Read when the runtime is loaded, which is later.
process.env.ORT_DISABLE_TELEMETRY = "1";
const [kind, folder] = process.argv.slice(2);
await runWorker(() => KINDS[kind as keyof typeof KINDS](folder));
