import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer, connect as openSocket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const LONGEST_START_MS = 30_000;
const POLL_MS = 10;
const children = new Set<ChildProcess>();
// Also when what started them fails.
process.once("exit", endAll);

/** Whether there is a NATS server to start: the Debian package `nats-server` has one. */
export const hasBroker: boolean = spawnSync("nats-server", ["--version"]).status === 0;

/** A NATS server that runs. */
export interface Broker {
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  /** Ends it, by force. */
  stop(): Promise<void>;
}

/** An `earshot work` that runs. */
export interface WorkProcess {
  readonly pid: number;
  /** What it wrote on standard output, which is to be nothing. */
  output(): string;
  /** What it wrote on standard error. */
  errors(): string;
  /** Sends a signal and waits for the end; returns the exit code, null after a signal that nobody handled. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts a server on this machine, on a port that was free a moment ago if none is given. */
export async function startBroker(options: readonly string[] = [], givenPort?: number): Promise<Broker> {
  const port = givenPort ?? (await freePort());
  const child = spawn("nats-server", ["-a", "127.0.0.1", "-p", `${port}`, ...options], { stdio: "ignore" });
  children.add(child);
  await until(child, () => answers(port), "the NATS server");
  return {
    pid: child.pid as number,
    port,
    url: `nats://127.0.0.1:${port}`,
    stop: () => endWith(child, "SIGKILL").then(() => {}),
  };
}

/** Starts the built `earshot work` with one thread that scores, and waits until it takes messages. */
export async function startWork(broker: Pick<Broker, "url">, ...options: readonly string[]): Promise<WorkProcess> {
  const parameters = [MAIN, "work", "--server", broker.url, "--workers", "1", ...options];
  const child = spawn(process.execPath, parameters, { stdio: ["ignore", "pipe", "pipe"] });
  children.add(child);
  const written = { output: "", errors: "" };
  child.stdout.on("data", (bytes: Buffer) => {
    written.output += bytes.toString("latin1");
  });
  child.stderr.on("data", (bytes: Buffer) => {
    written.errors += bytes.toString("latin1");
  });
  await until(child, async () => written.errors.includes("ready\n"), "earshot work");
  return {
    pid: child.pid as number,
    output: () => written.output,
    errors: () => written.errors,
    end: (signal) => endWith(child, signal),
  };
}

/** Ends everything that was started here, by force. */
export function endAll(): void {
  for (const child of children) child.kill("SIGKILL");
  children.clear();
}

async function until(child: ChildProcess, isReady: () => Promise<boolean>, name: string): Promise<void> {
  const deadline = performance.now() + LONGEST_START_MS;
  while (!(await isReady())) {
    if (performance.now() > deadline || child.exitCode !== null) throw new Error(`${name} did not start`);
    await delay(POLL_MS);
  }
}

async function endWith(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
  children.delete(child);
  return child.exitCode;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = openSocket(port, "127.0.0.1");
    const settle = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.once("data", () => settle(true));
    socket.once("error", () => settle(false));
  });
}
