import type { AuditInputFormat } from "./audit-messages.js";

/** A program that turns messages into strings as most programs do, and answers with what it was told. */
export function residueControl(format: AuditInputFormat): readonly string[] {
  const readText = format === "json-lines" ? "JSON.parse(line).text" : "line";
  return nodeProgram(`
    let rest = "";
    process.stdin.setEncoding("utf8").on("data", (chunk) => {
      const lines = (rest + chunk).split("\\n");
      rest = lines.pop();
      for (const line of lines) process.stdout.write(JSON.stringify({ words: ${readText}.split(" ") }) + "\\n");
    });`);
}

/** The same as a server on a local socket, which makes one string of each request and ends on SIGTERM. */
export function serverControl(socketPath: string): readonly string[] {
  return nodeProgram(
    `
    require("node:http").createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (chunk) => { body += chunk; });
      request.on("end", () => response.end(JSON.stringify({ words: body.split(" ") })));
    }).listen(process.argv[1]);
    process.on("SIGTERM", () => { require("node:fs").rmSync(process.argv[1]); process.exit(); });`,
    socketPath,
  );
}

/**
 * A program that writes a file at `path`, sends a datagram, asks a name service, and answers with what it was told.
 * All of it stays on this machine: the datagram and the question go to the loopback address.
 */
export function egressControl(path: string): readonly string[] {
  return nodeProgram(
    `
    require("node:fs").writeFileSync(process.argv[1], "control");
    const socket = require("node:dgram").createSocket("udp4");
    socket.on("error", () => {}).send("control", 9, "127.0.0.1");
    const resolver = new (require("node:dns").Resolver)({ timeout: 200, tries: 1 });
    resolver.setServers(["127.0.0.1"]);
    resolver.resolve4("control.invalid", () => {});
    process.stdin.on("data", (chunk) => process.stdout.write(chunk)).on("end", () => process.exit());`,
    path,
  );
}

/** A program that repeats its input and leaves Node.js as it is, so that the debugger can be switched on. */
export function inspectorControl(): readonly string[] {
  // Any free port: the usual one may be taken.
  return [process.execPath, "--inspect-port=0", ...nodeProgram("process.stdin.pipe(process.stdout);").slice(1)];
}

function nodeProgram(source: string, ...parameters: readonly string[]): readonly string[] {
  return [process.execPath, "--input-type=commonjs", "--eval", source, "--", ...parameters];
}
