/** The baseline: a bare node:http server that runs the same handler in-process, with no isolation at all. Prints its port. */
import { createServer } from "node:http";
import { handler } from "./functions/echo/index.mjs";

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    void handler(JSON.parse(Buffer.concat(chunks).toString() || "{}")).then((answer: unknown) => {
      const body = JSON.stringify(answer);
      response
        .writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) })
        .end(body);
    });
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") console.log(address.port);
});
