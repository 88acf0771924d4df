/** The baseline of streams: a bare node:http server that sends the same pieces, chunked, with no isolation. Prints its port. */
import { createServer } from "node:http";
import { send } from "./functions/stream/index.mjs";

const server = createServer((request, response) => {
  request.resume();
  const { searchParams } = new URL(request.url ?? "/", "http://localhost");
  response.writeHead(200, { "content-type": "application/octet-stream" });
  void send(Number(searchParams.get("pieces")), response);
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") console.log(address.port);
});
