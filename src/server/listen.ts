import { once } from "node:events";
import { lstatSync, unlinkSync } from "node:fs";
import type { Server } from "node:http";
import { type AddressInfo, connect, isIPv4 } from "node:net";
import { EarshotError } from "../errors.js";

/** Where a server listens: an address of this machine, a unix socket, or a listener that was inherited. */
export type ListenAddress =
  | { readonly host?: string; readonly port: number }
  | { readonly socketPath: string }
  | { readonly fileDescriptor: number };

const LOOPBACK = "127.0.0.1";
/** Only the owner may connect. */
const OTHERS_MAY_NOT = 0o177;

/** Whether only this machine reaches an address; a name counts as such only if it is the one name that is reserved for it. */
export function isLoopback(host: string): boolean {
  // A socket for both protocols shows IPv4 addresses in this form.
  const address = host.replace(/^::ffff:/i, "");
  return (isIPv4(address) && address.startsWith("127.")) || host === "::1" || host === "localhost";
}

/**
 * Begins to listen and returns the address as people write it.
 *
 * @param mayBeRemote whether other machines may reach it
 * @throws EarshotError `ADDRESS_NOT_LOCAL`, `ADDRESS_UNUSABLE`
 */
export async function listenAt(server: Server, address: ListenAddress, mayBeRemote: boolean): Promise<string> {
  if ("socketPath" in address) return listenAtPath(server, address.socketPath);
  if ("fileDescriptor" in address) await listen(server, () => server.listen({ fd: address.fileDescriptor }));
  else {
    const { host = LOOPBACK, port } = address;
    if (!mayBeRemote && !isLoopback(host)) throw new EarshotError("ADDRESS_NOT_LOCAL");
    await listen(server, () => server.listen({ host, port }));
  }
  const bound = server.address();
  if (bound === null || typeof bound === "string") return "unix socket";
  // What was inherited, or what a name stood for, is known only now.
  if (!mayBeRemote && !isLoopback(bound.address)) {
    server.close();
    throw new EarshotError("ADDRESS_NOT_LOCAL");
  }
  return toUrl(bound);
}

function toUrl({ address, family, port }: AddressInfo): string {
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

async function listenAtPath(server: Server, path: string): Promise<string> {
  try {
    await listen(server, () => listenForOwner(server, path));
  } catch (error) {
    if (!(await isLeftBehind(path))) throw error;
    unlinkSync(path);
    await listen(server, () => listenForOwner(server, path));
  }
  return `unix:${path}`;
}

/** The mask and not a change of mode afterwards: there must be no moment in which others may connect. */
function listenForOwner(server: Server, path: string): void {
  const before = process.umask(OTHERS_MAY_NOT);
  try {
    server.listen({ path });
  } finally {
    process.umask(before);
  }
}

/** Whether a path is a socket on which nobody listens, as a process leaves it behind that was killed. */
async function isLeftBehind(path: string): Promise<boolean> {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSocket()) return false;
  const socket = connect(path);
  try {
    await once(socket, "connect");
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ECONNREFUSED";
  } finally {
    socket.destroy();
  }
}

async function listen(server: Server, begin: () => void): Promise<void> {
  try {
    const listening = once(server, "listening");
    begin();
    await listening;
  } catch {
    throw new EarshotError("ADDRESS_UNUSABLE");
  }
}
