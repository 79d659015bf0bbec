import type { MessageContext } from "../types.js";
import type { DirectoryRequest } from "./client-types.js";

/** What is sent of a message beside its text: nothing else that the caller's object may hold. */
export function contextFields({ id, language, country, age }: MessageContext): Readonly<Record<string, unknown>> {
  return { id, language, country, age };
}

/** The path of a request for assessments. */
export function assessPath(path: string, spans: boolean | undefined): string {
  return spans ? `${path}?spans=true` : path;
}

/** The path of a question to the directory. */
export function directoryPath(request: DirectoryRequest): string {
  const { country, region, urgency, age, free, anonymous, limit, staleAfterDays } = request;
  const { categories = [], signals = [], languages = [], channels = [] } = request;
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ country, region, urgency, age, free, anonymous, limit, staleAfterDays }))
    if (value !== undefined) query.append(name, `${value}`);
  for (const [name, values] of Object.entries({
    category: categories,
    signal: signals,
    language: languages,
    channel: channels,
  }))
    for (const value of values) query.append(name, value);
  return query.size === 0 ? "/v1/directory" : `/v1/directory?${query}`;
}
