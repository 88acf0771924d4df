/** A function URL behind the real edge and domain, with the answers that a test makes up, and HTTP with any Host. */
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { buffer } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { CreateFunctionUrlConfigCommand, type CreateFunctionUrlConfigCommandInput } from "@aws-sdk/client-lambda";
import { startApi, type ApiOptions, type TestApi } from "../lambda/api.ts";

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface Wanted {
  method?: string;
  path?: string;
  host?: string;
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
}

export interface TestUrl extends TestApi {
  port: number;
  id: string;
  /** Host name of the URL with its port. */
  host: string;
  send: (wanted?: Wanted) => Promise<Answer>;
  /** The event of the last call. */
  event: () => Record<string, unknown>;
  /** What the function returns from now on. */
  returns: (value: unknown) => void;
}

export async function startUrl(
  context: TestContext,
  settings: Partial<CreateFunctionUrlConfigCommandInput> = {},
  options: ApiOptions = {},
): Promise<TestUrl> {
  const api = await startApi(context, options);
  await api.deploy("f");
  const { FunctionUrl } = await api.client.send(
    new CreateFunctionUrlConfigCommand({ FunctionName: "f", AuthType: "NONE", ...settings }),
  );
  const { host, hostname, port } = new URL(FunctionUrl ?? "");
  const url: Omit<TestUrl, keyof TestApi> = {
    port: Number(port),
    id: hostname.split(".")[0] ?? "",
    host,
    send: (wanted = {}) => sendTo(Number(port), { host, ...wanted }),
    event: () => JSON.parse(Buffer.from(api.calls.at(-1)?.payload ?? []).toString()) as Record<string, unknown>,
    returns: (value) => api.answerWith({ payload: Buffer.from(JSON.stringify(value)) }),
  };
  return Object.assign(api, url);
}

export function sendTo(port: number, { method = "GET", path = "/", host, headers, body }: Wanted): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest({
      host: "127.0.0.1",
      port,
      method,
      path,
      headers: { ...(host === undefined ? {} : { host }), ...headers },
      agent: false,
    });
    asked.on("error", reject);
    asked.on("response", (response) => {
      buffer(response).then(
        (content) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: content }),
        reject,
      );
    });
    asked.end(body);
  });
}
