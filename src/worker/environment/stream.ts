import type { ResponseSink } from "../contract.ts";
import type { Ending } from "./call-report.ts";

/** The streamed answer of one call, from its beginning to the call's end, whatever ends it. */
export interface CallStream {
  /** For the Runtime API: counts, and lets nothing through once the call has ended. */
  readonly sink: ResponseSink;
  /** The call ends like this: completes the ending by what has been streamed. */
  end(ending: Ending): Ending;
}

export function createCallStream(to: ResponseSink): CallStream {
  let bytes = 0;
  let open = true;
  return {
    sink: {
      write(piece) {
        if (!open) return true;
        bytes += piece.length;
        return to.write(piece);
      },
      get onReady() {
        return to.onReady;
      },
      set onReady(ready) {
        to.onReady = ready;
      },
    },
    end(ending) {
      open = false;
      to.onReady = undefined;
      const cut = ending.streamed?.cut ?? cutBy(ending);
      return { ...ending, streamed: { bytes, ...(cut === undefined ? {} : { cut }) } };
    },
  };
}

/**
 * What AWS calls a stream that the end of its environment has ended: `core/directinvoke` of its emulator. A runtime that
 * dies leaves a truncated response, however it died.
 */
function cutBy({ status }: Ending): string | undefined {
  if (status === "timeout") return "Sandbox.Timedout";
  return status === "error" ? "Runtime.TruncatedResponse" : undefined;
}
