import { readdirSync, readFileSync } from "node:fs";

const FOLDER = new URL("../models/training/data/", import.meta.url);

/** All training texts whose file name begins with `prefix`, in a fixed order. */
export function readTrainingTexts(prefix = ""): string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.startsWith(prefix) && name.endsWith(".jsonl") && name !== "conversations.jsonl")
    .sort()
    .flatMap((name) => readFileSync(new URL(name, FOLDER), "utf8").split("\n"))
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line).text);
}

/** English messages of exactly `words` words, cut from the training texts: many different ones, so that no cache knows them all. */
export function messagesOf(words: number, count: number): string[] {
  const all = readTrainingTexts("en").join(" ").split(/\s+/);
  const step = Math.floor((all.length - words) / count);
  return Array.from({ length: count }, (_, index) => all.slice(index * step, index * step + words).join(" "));
}
