/** What destinations on other servers have in common: their clients' errors, and the trace header that goes along. */
import { messageOf, ServiceError } from "../../base/errors.ts";

type Next = (parameters: { request: unknown }) => unknown;

/** What is used of a command's stack; its own type differs from command to command. */
interface BuildSteps {
  add(step: (next: Next) => Next, at: { step: "build"; name: string }): void;
}

/** The command, whose request carries the trace header: by it loops through other services are found. */
export function traced<C extends { middlewareStack: object }>(command: C, traceId: string | undefined): C {
  if (traceId === undefined) return command;
  (command.middlewareStack as BuildSteps).add(
    (next) => (parameters) => {
      (parameters.request as { headers: Record<string, string> }).headers["x-amzn-trace-id"] = traceId;
      return next(parameters);
    },
    { step: "build", name: "kilnTrace" },
  );
  return command;
}

/** Names of errors that pass by themselves, whatever their status. */
const passing = /Throttl|SlowDown|TooManyRequests|Unavailable|Timeout|InternalError|InternalFailure/;

/** Makes the call. Throws ServiceError where the server says that trying again is no use, anything else where it may be. */
export async function sent<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
    const status = $metadata?.httpStatusCode ?? 0;
    if (status >= 400 && status < 500 && status !== 429 && !passing.test(name ?? "")) {
      throw new ServiceError(name ?? "ClientException", messageOf(error), { status, cause: error });
    }
    throw error;
  }
}
