import type { ResponseSink } from "../../contract.ts";
import { MAX_PAYLOAD_BYTES, type HttpLimits } from "../http/limits.ts";
import type { Plan } from "../http/plan.ts";
import { jsonReply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import { accepted, failure, invalidRequestId, wrongState, type FunctionFailure, type Session } from "../session.ts";

const DEFAULT_TYPE = "application/octet-stream";
const MODE = "lambda-runtime-function-response-mode";
const ERROR_TYPE = "lambda-runtime-function-error-type";
const ERROR_BODY = "lambda-runtime-function-error-body";

/** `POST /2018-06-01/runtime/invocation/{id}/response`: what the function returned, as it is. */
export function response(session: Session, head: RequestHead, requestId: string, limits: HttpLimits): Plan {
  if (!session.isCurrent(requestId)) return { kind: "reply", reply: invalidRequestId };
  if (session.state !== "Running") return { kind: "reply", reply: wrongState(session, "InvocationResponse") };
  const mode = head.headers.get(MODE);
  if (mode !== undefined && mode !== "streaming") {
    session.answered();
    session.listener.failed(failure("Runtime.InvalidResponseModeHeader", "Invalid function response mode"));
    return { kind: "reply", reply: jsonReply(400, INVALID_MODE) };
  }
  session.state = "InvocationResponse";
  const sink = session.listener.streaming(head.headers.get("content-type") ?? DEFAULT_TYPE);
  if (sink !== undefined) return streamed(session, sink, limits.streamBytes);
  return {
    kind: "body",
    limitBytes: limits.bodyBytes,
    done(body, trailers) {
      session.answered();
      const failed = streamFailure(trailers);
      if (failed === undefined) session.listener.responded(body);
      else session.listener.failed(failed);
      return accepted;
    },
    tooLarge() {
      session.answered();
      session.listener.failed(responseTooLarge());
      return jsonReply(413, TOO_LARGE);
    },
    // The runtime may send it again; if it does not, the call ends like any that is never answered.
    aborted() {
      session.state = "Running";
    },
  };
}

/**
 * For a caller that has the answer streamed, as AWS does it: in whatever mode the runtime sends, bytes go on as they
 * come, so an answer that breaks off cannot be sent again.
 */
function streamed(session: Session, sink: ResponseSink, limitBytes: number): Plan {
  const cut = (type: string, message: string, hungUp = false): void => {
    session.answered();
    session.listener.streamed({ failure: { ...failure(type, message), by: "cut" }, hungUp });
  };
  return {
    kind: "stream",
    limitBytes,
    begin(resume) {
      sink.onReady = resume;
    },
    data: (piece) => sink.write(piece),
    done(trailers) {
      const failed = streamFailure(trailers);
      session.answered();
      session.listener.streamed(failed === undefined ? {} : { failure: { ...failed, by: "reported" } });
      return accepted;
    },
    tooLarge() {
      cut(
        "Function.ResponseSizeTooLarge",
        `Response payload size exceeded maximum allowed payload size (${limitBytes} bytes).`,
      );
      return jsonReply(413, {
        ...TOO_LARGE,
        errorMessage: `Exceeded maximum allowed payload size (${limitBytes} bytes).`,
      });
    },
    aborted: () => cut("Runtime.TruncatedResponse", "The runtime broke off its response.", true),
  };
}

const INVALID_MODE = { errorMessage: "Invalid function response mode", errorType: "InvalidFunctionResponseMode" };

export const TOO_LARGE = {
  errorMessage: `Exceeded maximum allowed payload size (${MAX_PAYLOAD_BYTES} bytes).`,
  errorType: "RequestEntityTooLarge",
};

export function responseTooLarge(): FunctionFailure {
  return failure(
    "Function.ResponseSizeTooLarge",
    `Response payload size exceeded maximum allowed payload size (${MAX_PAYLOAD_BYTES} bytes).`,
  );
}

/** A streamed response reports a failure that happened half-way in its trailers; the body is base64 JSON. */
function streamFailure(trailers: ReadonlyMap<string, string>): FunctionFailure | undefined {
  const type = trailers.get(ERROR_TYPE);
  if (type === undefined) return undefined;
  const body = trailers.get(ERROR_BODY);
  return body === undefined ? failure(type, "") : { type, payload: Buffer.from(body, "base64") };
}
