/** A Runtime API behind a loopback port, with raw connections to it, for tests. */
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import type { ResponseSink } from "../contract.ts";
import type { HttpLimits } from "../runtime-api/http/limits.ts";
import {
  createRuntimeApi,
  type FunctionFailure,
  type NextEvent,
  type RuntimeApi,
  type RuntimeApiOptions,
} from "../runtime-api/index.ts";

export interface RuntimeApiBench {
  api: RuntimeApi;
  port: number;
  /** What the listener was told, in order: `ready`, `responded …`, `failed …`, `init …`. */
  told: string[];
  event: (changes?: Partial<NextEvent>) => NextEvent;
  /** Opens a connection, sends the bytes, and resolves with what has come back when `until` matches or it is closed. */
  raw: (bytes: string | Buffer, until?: RegExp) => Promise<string>;
  open: () => Promise<Socket>;
  close: () => Promise<void>;
}

const describe = ({ type, payload }: FunctionFailure): string => `${type} ${Buffer.from(payload).toString()}`;

/** @param stream Where answers go that are streamed; without one the caller wants them whole. */
export async function openRuntimeApi(
  limits: Partial<HttpLimits> = {},
  preboot = false,
  stream?: ResponseSink,
  apis: Pick<RuntimeApiOptions, "extensions" | "telemetry" | "credentials" | "snapStart"> = {},
): Promise<RuntimeApiBench> {
  const told: string[] = [];
  const api = createRuntimeApi({
    preboot,
    limits,
    ...apis,
    listener: {
      ready: () => void told.push("ready"),
      responded: (payload) => void told.push(`responded ${Buffer.from(payload).toString()}`),
      streaming: (contentType) => {
        if (stream === undefined) return undefined;
        told.push(`streaming ${contentType}`);
        return stream;
      },
      streamed: ({ failure }) => void told.push(failure === undefined ? "streamed" : `streamed ${describe(failure)}`),
      failed: (failure) => void told.push(`failed ${describe(failure)}`),
      initFailed: (failure) => void told.push(`init ${describe(failure)}`),
      restoreReady: () => void told.push("restore ready"),
      restoreFailed: (failure) => void told.push(`restore ${describe(failure)}`),
    },
  });
  const server = createServer((socket) => api.accept(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const sockets = new Set<Socket>();

  async function open(): Promise<Socket> {
    const socket = connect(port, "127.0.0.1");
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    await once(socket, "connect");
    return socket;
  }

  async function raw(bytes: string | Buffer, until?: RegExp): Promise<string> {
    const socket = await open();
    let received = "";
    const done = new Promise<string>((resolve) => {
      socket.on("data", (chunk: Buffer) => {
        received += chunk.toString("latin1");
        if (until?.test(received) === true) resolve(received);
      });
      socket.on("error", () => resolve(received));
      socket.on("close", () => resolve(received));
    });
    socket.write(bytes);
    const answer = await done;
    socket.destroy();
    return answer;
  }

  return {
    api,
    port,
    told,
    event: (changes) => ({
      requestId: "11111111-1111-1111-1111-111111111111",
      deadlineMs: 1_700_000_000_000,
      invokedArn: "arn:aws:lambda:us-east-1:000000000000:function:f",
      traceId: "Root=1-1-1",
      payload: Buffer.from('{"a":1}'),
      ...changes,
    }),
    raw,
    open,
    async close() {
      api.close();
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
