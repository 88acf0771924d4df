import { Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { Extensions } from "../extensions-api/index.ts";
import { Telemetry } from "../telemetry-api/index.ts";
import { Connection } from "./http/connection.ts";
import { DEFAULT_HTTP_LIMITS, type HttpLimits } from "./http/limits.ts";
import { createWastedWork } from "./http/wasted-work.ts";
import { route } from "./routes.ts";
import {
  Session,
  type NextEvent,
  type RuntimeListener,
  type ServedCredentials,
  type SessionOptions,
} from "./session.ts";

export { CREDENTIALS_PATH } from "./endpoints/credentials.ts";
export type { FunctionFailure, NextEvent, RuntimeListener, ServedCredentials, StreamEnd } from "./session.ts";
export { failure } from "./session.ts";

/** The Runtime API of one runtime process: one session, any number of connections up to the bound. */
export interface RuntimeApi {
  /** Serves a connection from inside the jail. */
  accept(socket: Socket): void;
  /** Hands over an event; only after `ready`, once. */
  give(event: NextEvent): void;
  /** Answers the pre-booted runtime that waits for its variables. */
  assign(env: Readonly<Record<string, string>>): void;
  /** Resolves when a pre-booted runtime asks for them for the first time. */
  readonly assignmentAsked: Promise<void>;
  /** Hangs up; nothing is reported to the listener afterwards. */
  close(): void;
}

export interface RuntimeApiOptions {
  listener: RuntimeListener;
  /** Whether the assignment endpoint exists. */
  preboot?: boolean;
  /** Those of the environment; absent: there are none yet. */
  extensions?: Extensions;
  /** Absent: nobody can be reached. */
  telemetry?: Telemetry;
  /** Absent: they are among the function's variables. */
  credentials?: ServedCredentials | undefined;
  snapStart?: SessionOptions["snapStart"];
  limits?: Partial<HttpLimits>;
}

/** Runtime API `2018-06-01` (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html). */
export function createRuntimeApi(options: RuntimeApiOptions): RuntimeApi {
  const extensions = options.extensions ?? new Extensions({ external: [], changed: () => undefined });
  const telemetry = options.telemetry ?? new Telemetry(() => new Socket().destroy());
  const limits: HttpLimits = { ...DEFAULT_HTTP_LIMITS, ...options.limits };
  const session = new Session({ ...options, extensions, telemetry });
  const connections = new Set<Connection>();
  const wasted = createWastedWork(limits.wastedBurst, limits.wastedPerSecond, () => performance.now());
  const largeHead: { holder: Connection | undefined } = { holder: undefined };
  let open = true;
  return {
    accept(socket) {
      if (!open || connections.size >= limits.connections) {
        socket.destroy();
        return;
      }
      const connection = new Connection({
        socket,
        route: (head) => route(session, head, limits),
        limits,
        wasted,
        largeHead,
        closed: (closed) => connections.delete(closed),
      });
      connections.add(connection);
    },
    give: (event) => session.give(event),
    assign: (env) => session.assign(env),
    assignmentAsked: session.assignmentAsked,
    close() {
      open = false;
      session.silence();
      for (const connection of connections) connection.destroy();
    },
  };
}
