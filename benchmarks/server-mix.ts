import { readdirSync, readFileSync } from "node:fs";
import { sampleMessages } from "../src/benchmark/sample-messages.js";
import type * as Library from "../src/index.js";
import type { PreparedRequest } from "./server-client.js";

const FIXTURES = new URL("../fixtures/", import.meta.url);
const { createTriage }: typeof Library = await import(new URL("../dist/index.js", import.meta.url).href);

/** Messages of one kind, and what the first stage says of them. */
export interface Mix {
  readonly name: string;
  readonly requests: readonly PreparedRequest[];
  readonly words: number;
  /** Shares of messages that the policy has the second stage read, and that are `immediate` without it. */
  readonly unsettled: number;
  readonly immediate: number;
}

interface ReadText {
  readonly text: string;
  readonly isUnsettled: boolean;
  readonly isImmediate: boolean;
}

/** The invented messages of all slices, and one in fifty that is long, each read by the first stage. */
export async function readTexts(): Promise<readonly ReadText[]> {
  const files = [
    ...readdirSync(new URL("slices/", FIXTURES))
      .filter((name) => name.endsWith(".jsonl"))
      .map((name) => `slices/${name}`),
  ];
  const short = files.flatMap((file) =>
    readFileSync(new URL(file, FIXTURES), "utf8")
      .trim()
      .split("\n")
      .map((line): string => JSON.parse(line).text),
  );
  const decoder = new TextDecoder();
  const long = sampleMessages(600, Math.ceil(short.length / 50), 1).messages.map((bytes) => decoder.decode(bytes));
  const triage = await createTriage();
  const texts: ReadText[] = [];
  for (const text of [...short, ...long]) {
    const { urgency, review } = await triage.assess(text, { secondLook: false });
    texts.push({ text, isUnsettled: review.includes("SECOND_LOOK_SKIPPED"), isImmediate: urgency === "immediate" });
  }
  await triage.close();
  return texts;
}

function post(body: string, type = "application/json", path = "/v1/assess"): Uint8Array {
  const length = Buffer.byteLength(body);
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n${body}`,
  );
}

/** One JSON request a message. */
export function mixOf(name: string, texts: readonly ReadText[]): Mix {
  const share = (field: "isUnsettled" | "isImmediate"): number =>
    texts.filter((text) => text[field]).length / texts.length;
  const words = texts.map(({ text }) => text.split(/\s+/).length).sort((one, other) => one - other);
  const requests = texts.map(({ text, isImmediate }) => ({
    bytes: post(JSON.stringify({ text, country: "KE" })),
    isImmediate,
  }));
  return {
    name,
    requests,
    words: words[words.length >> 1],
    unsettled: share("isUnsettled"),
    immediate: share("isImmediate"),
  };
}

/** What comes in an hour: mostly single messages, but also lines, turns, plain text, broken JSON, and clients that break off. */
export function everyKind(texts: readonly ReadText[]): readonly PreparedRequest[] {
  return texts.map(({ text }, index): PreparedRequest => {
    const body = JSON.stringify({ text, country: "KE" });
    const request = (bytes: Uint8Array): PreparedRequest => ({ bytes, isImmediate: false });
    if (index % 20 === 0) return request(post(`${body}\n`.repeat(5), "application/x-ndjson"));
    if (index % 20 === 5)
      return request(post(body.replace("{", '{"speaker":"person",'), "application/json", "/v1/conversations/assess"));
    if (index % 20 === 10) return request(post(text, "text/plain; charset=utf-8"));
    if (index % 20 === 15) return request(post(body.slice(0, -1)));
    if (index % 20 === 19) return { ...request(post(body)), isBrokenOff: true };
    return request(post(body));
  });
}
