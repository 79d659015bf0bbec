import type { TextModel } from "../model/text-model.js";

/**
 * The model that `--model` names, as an option of `createTriage`. What it takes is loaded only for who asks for it.
 *
 * @throws EarshotError as `readModelFile` and `openModelFile`
 */
export async function openModelOption(path: string | undefined): Promise<{ readonly model?: TextModel }> {
  if (path === undefined) return {};
  const { openModelFile, readModelFile } = await import("./model-file.js");
  return { model: await openModelFile(readModelFile(path)) };
}
