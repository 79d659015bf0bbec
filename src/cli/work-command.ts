import { type Command, InvalidArgumentError, Option } from "commander";
import type { WorkCommandOptions } from "./work.js";

/** Adds `earshot work`; `run` gets the exit code. */
export function addWorkCommand(program: Command, run: (exitCode: number) => void): void {
  program
    .command("work")
    .description("Answer messages that come over NATS, as one of any number of workers.")
    .requiredOption("--server <url...>", "NATS server, as nats://127.0.0.1:4222; several for one cluster", toServers)
    .option("--subject <name>", "answers <name>.assess and <name>.conversation", "earshot")
    .addOption(new Option("--creds <file>", "credentials of the account").conflicts(["nkey", "user"]))
    .addOption(new Option("--nkey <file>", "seed of the account's key").conflicts("user"))
    .option("--user <name>", "name of the account, with --password-file")
    .option("--password-file <file>", "password of the account")
    .option("--tls-ca <file>", "certificate of who signs for the server, where this machine does not know it")
    .option("--tls-cert <file>", "certificate of this worker, with --tls-key")
    .option("--tls-key <file>", "key of that certificate")
    .option("--allow-plaintext", "no TLS to another machine, for a network that encrypts by itself")
    .option("--workers <count>", "threads that score; one less than there are cores when absent", toCount)
    .option(
      "--max-in-flight <count>",
      "messages held at once; the surplus is refused, unless it is immediate",
      toCount,
      64,
    )
    .option("--drain-seconds <count>", "how long it may take to end", toCount, 10)
    .option("--state-key-file <file>", "32 bytes in base64, the same for all workers: takes conversations, too")
    .option("--country <code>", "two-letter country of the people who write, for who can help")
    .option("--policy <file>", "a policy of your own (JSON)")
    .option("--pack <folder>", "a model pack of your own")
    .option("--directory <file>", "helplines of your own (JSON), added to the bundled ones or in their place")
    .addHelpText(
      "after",
      `
Workers with the same subject share the messages; each goes to one of them. A message is the JSON object that serve takes at
POST /v1/assess (or, for conversations, /v1/conversations/assess), and so is the answer; one that is an error also has the
header Nats-Service-Error-Code. NATS keeps nothing and promises no answer: who asks asks again, as createAsker of earshot/nats
does. Workers are found and counted by the NATS services protocol: nats micro list, nats micro stats earshot.
A lost connection is opened again, for ever. SIGTERM: takes no more, answers what it has, ends; a second one ends at once.
In the worker nothing of an answered message is left in memory, over TLS after one more round trip to the server; the NATS
server holds messages in its own memory on their way, as every program does through which they come.
It takes TLS (1.2 or later) to any machine but this one. Other servers that a cluster names are not connected to.
Exit codes: 0 ended by a signal, 1 failed, 2 wrong use.`,
    )
    // Loaded on demand: it opens a connection, which the process that scores files must not even be able to.
    .action(async (options: WorkCommandOptions) => run(await (await import("./work.js")).work(options)));
}

/** Several; none with a password, which every user of the machine could read. */
function toServers(value: string, before: readonly string[] = []): readonly string[] {
  const isServer = /^(nats|tls):\/\/([\w.-]+|\[[\da-f:]+\])(:\d{1,5})?$/i.test(value);
  if (!isServer) throw new InvalidArgumentError("It is not an address as in nats://127.0.0.1:4222.");
  return [...before, value];
}

function toCount(value: string): number {
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError("It is not a number above 0.");
  return count;
}
