import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { type FirecrackerHttp, openFirecracker } from "./http.ts";

/** A VMM that its guest owns answers as it likes: here, what `answer` writes for each piece that it reads. */
async function against(
  context: TestContext,
  answer: (socket: Socket, request: string) => void,
): Promise<FirecrackerHttp> {
  const dir = mkdtempSync(join(tmpdir(), "kiln-firecracker-"));
  const path = join(dir, "api.sock");
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => answer(socket, chunk.toString()));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const http = openFirecracker(connect(path));
  context.after(async () => {
    http.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    rmSync(dir, { recursive: true });
  });
  return http;
}

const NO_CONTENT = "HTTP/1.1 204 No Content\r\nServer: Firecracker API\r\nConnection: keep-alive\r\n\r\n";

test("a request has a length, a type and JSON; requests share one connection and keep their order", async (context) => {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const http = await against(context, (socket, request) => {
    sockets.add(socket);
    seen.push(request);
    socket.write(NO_CONTENT);
  });
  await Promise.all([http.call("PUT", "/logger", { level: "Off" }), http.call("PATCH", "/vm", { state: "Paused" })]);
  assert.equal(sockets.size, 1);
  assert.match(seen[0] ?? "", /^PUT \/logger HTTP\/1\.1\r\n[^]*content-length: 15\r\n[^]*\r\n\r\n\{"level":"Off"\}$/);
  assert.match(seen[1] ?? "", /^PATCH \/vm /);
});

test("a refusal has Firecracker's message", async (context) => {
  const body = JSON.stringify({ fault_message: "The kernel file cannot be opened" });
  const http = await against(context, (socket) =>
    socket.write(`HTTP/1.1 400 Bad Request\r\nContent-Length: ${body.length}\r\n\r\n${body}`),
  );
  await assert.rejects(http.call("PUT", "/boot-source", {}), {
    code: "FIRECRACKER_REFUSED",
    message: "PUT /boot-source: The kernel file cannot be opened",
  });
});

const improper: readonly (readonly [string, (socket: Socket) => void, RegExp])[] = [
  ["too much", (socket) => socket.write(`HTTP/1.1 200 OK\r\n\r\n${"x".repeat(70_000)}`), /more than 65536 bytes/],
  ["no JSON", (socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n}{"), /no JSON/],
  ["no HTTP", (socket) => socket.write("SSH-2.0-OpenSSH_9\r\n"), /Parse Error/],
  ["endless headers", (socket) => socket.write(`HTTP/1.1 200 OK\r\n${"A: bcdefgh\r\n".repeat(2000)}`), /Header/],
  ["an end", (socket) => socket.destroy(), /hang up|ECONNRESET/],
  ["nothing", () => undefined, /no answer within 100 ms/],
  ["half an answer", (socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"), /within 100 ms/],
  ["an error without a message", (socket) => socket.write("HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n"), /status 500/],
];

for (const [what, answer, message] of improper) {
  test(`a VMM that answers ${what} costs one failed request`, async (context) => {
    const http = await against(context, answer);
    const patience = message.source.includes("within") ? 100 : 60_000;
    await assert.rejects(http.call("GET", "/version", undefined, patience), message);
  });
}

test("after the connection has ended every request fails", async (context) => {
  const http = await against(context, (socket) => socket.destroy());
  await assert.rejects(http.call("GET", "/"));
  await assert.rejects(http.call("GET", "/"), { code: "FIRECRACKER_FAILED" });
  http.close();
  await assert.rejects(http.call("GET", "/"), /the connection is closed/);
});
