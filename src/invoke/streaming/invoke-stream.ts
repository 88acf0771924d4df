import { performance } from "node:perf_hooks";
import type { InvokeRequest, Invoker, StreamedAnswer } from "../contract.ts";
import { createBandwidth, type BandwidthLimit } from "./bandwidth.ts";
import { createResponsePipe } from "./pipe.ts";

/** `invokeStream` of the contract, on top of `invoke`: resolves when the answer begins, or when the call is over. */
export function createInvokeStream(invoke: Invoker["invoke"], limit: BandwidthLimit): Invoker["invokeStream"] {
  return (request) =>
    new Promise<StreamedAnswer>((resolve, reject) => {
      const pipe = createResponsePipe(createBandwidth(limit, () => performance.now()));
      const started: InvokeRequest = {
        ...request,
        stream({ contentType, executedVersion }) {
          resolve({ contentType, executedVersion, body: pipe, discard: pipe.discard, completed });
          return pipe;
        },
      };
      // Not at once: `stream` hands `completed` on.
      const completed = Promise.resolve(started).then(invoke);
      completed.then(
        ({ executedVersion }) => {
          pipe.end();
          // Nothing has come; where something has, this promise has been resolved before.
          resolve({ contentType: undefined, executedVersion, body: pipe, discard: pipe.discard, completed });
        },
        (error: unknown) => {
          pipe.end();
          reject(error);
        },
      );
    });
}
