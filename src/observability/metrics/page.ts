/** `GET /_kiln/metrics`, for programs of this host: it names functions, so it is not for everybody that a listener reaches. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Metrics } from "./metrics.ts";

const loopback = /^(?:::ffff:)?127\.|^::1$/;

export function metricsPage(metrics: Metrics): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const local = loopback.test(request.socket.remoteAddress ?? "");
    const asked = request.method === "GET" || request.method === "HEAD";
    const body = !local || !asked ? "" : metrics.text();
    response.writeHead(local ? (asked ? 200 : 405) : 404, {
      "content-type": "text/plain; version=0.0.4; charset=utf-8",
      "content-length": Buffer.byteLength(body),
      "cache-control": "no-store",
    });
    response.end(body);
  };
}
