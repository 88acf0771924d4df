/**
 * The baseline of accepted events: a bare node:http server that appends each body to a file and answers 202 when an fsync
 * has come after it; requests that wait share one. Prints its port. usage: events-baseline.ts FILE
 */
import { fsync, openSync, write } from "node:fs";
import { createServer, type ServerResponse } from "node:http";

const file = openSync(process.argv[2] ?? "", "w");
let waiting: { body: Buffer; response: ServerResponse }[] = [];
let busy = false;

function failed(error: Error | null): void {
  if (error !== null) throw error;
}

function commit(): void {
  if (busy || waiting.length === 0) return;
  busy = true;
  const group = waiting;
  waiting = [];
  write(file, Buffer.concat(group.map(({ body }) => body)), (error) => {
    failed(error);
    fsync(file, (unsynced) => {
      failed(unsynced);
      for (const { response } of group) response.writeHead(202, { "content-length": 0 }).end();
      busy = false;
      commit();
    });
  });
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    waiting.push({ body: Buffer.concat(chunks), response });
    setImmediate(commit);
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") console.log(address.port);
});
