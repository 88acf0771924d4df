/** A store of objects that speaks as much of S3 over HTTP as reading needs: GetObject and HeadObject, by path. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

export interface ObjectServer {
  url: string;
  /** By `bucket/key`, or `bucket/key?versionId=…`. */
  objects: Map<string, Uint8Array>;
  /** Every request, as `METHOD bucket/key`, with whether it was signed. */
  requests: { line: string; signed: boolean }[];
  /** How the next requests are answered, instead. */
  answerWith: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
}

export async function startObjectServer(context: TestContext): Promise<ObjectServer> {
  const store: ObjectServer = { url: "", objects: new Map(), requests: [], answerWith: undefined };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://store");
    const name = decodeURIComponent(url.pathname).slice(1);
    store.requests.push({
      line: `${request.method} ${name}`,
      signed: request.headers.authorization?.startsWith("AWS4-HMAC-SHA256 ") ?? false,
    });
    if (store.answerWith) return store.answerWith(request, response);
    const version = url.searchParams.get("versionId");
    const object = store.objects.get(version === null ? name : `${name}?versionId=${version}`);
    const bucket = name.split("/", 1)[0] ?? "";
    if (object) {
      response.writeHead(200, { "content-length": object.byteLength, "content-type": "application/zip" });
      return response.end(request.method === "HEAD" ? undefined : object);
    }
    if (bucket === "secret") return refuse(response, 403, "AccessDenied", "Access Denied");
    if (![...store.objects.keys()].some((key) => key.startsWith(`${bucket}/`))) {
      return refuse(response, 404, "NoSuchBucket", "The specified bucket does not exist");
    }
    if (version !== null) return refuse(response, 404, "NoSuchVersion", "The specified version does not exist.");
    return refuse(response, 404, "NoSuchKey", "The specified key does not exist.");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  store.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return store;
}

export function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  );
}
