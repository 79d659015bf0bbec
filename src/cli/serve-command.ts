import { type Command, InvalidArgumentError, Option } from "commander";
import type { ServeCommandOptions } from "./serve.js";

const DEFAULT_PORT = 8421;
const GREATEST_PORT = 65_535;

/** Adds `earshot serve`; `run` gets the exit code. */
export function addServeCommand(program: Command, run: (exitCode: number) => void): void {
  program
    .command("serve")
    .description("Answer messages over HTTP on this machine; /openapi.json describes what may be asked.")
    .addOption(new Option("--port <number>", "port; 0 takes a free one").argParser(toPort).default(DEFAULT_PORT))
    .addOption(new Option("--host <address>", "address of this machine (default: 127.0.0.1)"))
    .addOption(
      new Option("--socket <path>", "listen on a unix socket that only this user can open").conflicts(["host", "port"]),
    )
    .addOption(
      new Option("--fd <number>", "listen on an inherited socket, as 3 from systemd (found by itself)")
        .argParser(toDescriptor)
        .conflicts(["host", "port", "socket"]),
    )
    .option(
      "--allow-remote",
      "let other machines reach the address; it then takes --token-file, and TLS in front of it",
    )
    .option("--token-file <file>", "ask for this bearer token, 32 characters or more, with every request")
    .option("--workers <count>", "threads that score; one less than there are cores when absent", toCount)
    .option("--max-waiting <count>", "messages that may wait for a second look (default: 100)", toCount)
    .option("--drain-seconds <count>", "how long it may take to end", toCount, 10)
    .option("--state-key-file <file>", "32 bytes in base64, so that conversations outlive the process")
    .option("--chatwoot-secret-file <file>", "secret of the webhook in Chatwoot: its requests must be signed")
    .option("--country <code>", "two-letter country of the people who write, for who can help")
    .option("--policy <file>", "a policy of your own (JSON)")
    .option("--pack <folder>", "a model pack of your own")
    .option("--directory <file>", "helplines of your own (JSON), added to the bundled ones or in their place")
    .addHelpText(
      "after",
      `
POST /v1/assess takes a message as JSON (text, id, language, country, age) or as text/plain, and lines of JSON as
application/x-ndjson; POST /v1/conversations/assess a turn; GET /v1/directory finds who can help; /healthz, /readyz, /metrics.
Its address is the only thing that it ever prints. Web pages are refused, and so is any host name but localhost.
When too many messages wait, the next is read by its words and rules alone: it is answered if they find it immediate, and
else refused (429), to be asked again. Nothing of a message is in memory 50 ms after its answer; keep messages out of URLs.
The state of a conversation is the asker's to keep. Without --state-key-file it is good only until this process ends.
SIGTERM: takes no more, answers what it has, ends; a second one ends at once.
Exit codes: 0 ended by a signal, 1 failed, 2 wrong use.`,
    )
    // Loaded on demand: it opens sockets, which the process that scores files must not even be able to.
    .action(async (options: ServeCommandOptions) => run(await (await import("./serve.js")).serveCommand(options)));
}

function toPort(value: string): number {
  const port = Number(value);
  if (!/^\d+$/.test(value) || port > GREATEST_PORT) throw new InvalidArgumentError("It is not a port.");
  return port;
}

function toDescriptor(value: string): number {
  const descriptor = Number(value);
  // The first three are input, output and errors.
  if (!Number.isInteger(descriptor) || descriptor < 3) throw new InvalidArgumentError("It is not a number above 2.");
  return descriptor;
}

function toCount(value: string): number {
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError("It is not a number above 0.");
  return count;
}
