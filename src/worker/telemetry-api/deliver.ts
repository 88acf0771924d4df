/** Ways into an environment: a batch is delivered when the extension has taken it. Its peer is hostile. */
import type { Socket } from "node:net";
import { http } from "../../base/http/builtin.ts";
import type { Destination } from "./subscription.ts";

export interface Delivery {
  /** Rejects when the batch did not arrive; it may be tried again. Each event is JSON. */
  deliver(events: readonly string[]): Promise<void>;
  close(): void;
}

/** Opens a connection to a port inside. */
export type Connect = (port: number) => Socket;

/** More of an answer than anyone needs; then the connection is closed. */
const MOST_ANSWER_BYTES = 64 * 1024;

export function createDelivery(destination: Destination, connect: Connect): Delivery {
  return destination.protocol === "HTTP" ? httpDelivery(destination, connect) : tcpDelivery(destination.port, connect);
}

function httpDelivery({ port, path, method }: Destination & { protocol: "HTTP" }, connect: Connect): Delivery {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  agent.createConnection = () => connect(port);
  function once(body: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      const headers = {
        "content-type": "application/json",
        "content-length": body.length,
        host: `sandbox.localdomain:${port}`,
      };
      const request = http.request({ agent, method, path, headers }, (response) => {
        let bytes = 0;
        response.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MOST_ANSWER_BYTES) response.destroy();
        });
        response.on("error", reject);
        response.on("close", () => {
          const status = response.statusCode ?? 0;
          if (status >= 200 && status < 300) resolve();
          else reject(new Error(`The subscriber answered ${status}.`));
        });
      });
      request.on("error", reject);
      request.end(body);
    });
  }
  return {
    deliver: (events) => once(Buffer.from(`[${events.join(",")}]`)),
    close: () => agent.destroy(),
  };
}

/** Newline-delimited JSON. Nothing tells that the extension has read it, so what the kernel has taken counts as delivered. */
function tcpDelivery(port: number, connect: Connect): Delivery {
  let open: Socket | undefined;
  function socket(): Socket {
    if (open !== undefined && !open.destroyed) return open;
    const made = connect(port);
    made.on("error", () => made.destroy());
    // Whatever it says is not asked for.
    made.on("data", () => undefined);
    open = made;
    return made;
  }
  return {
    deliver(events) {
      return new Promise((resolve, reject) => {
        const to = socket();
        const closed = (): void => reject(new Error("The subscriber has hung up."));
        to.once("close", closed);
        to.write(events.map((event) => `${event}\n`).join(""), (error) => {
          to.off("close", closed);
          if (error === null || error === undefined) resolve();
          else reject(error);
        });
      });
    },
    close: () => open?.destroy(),
  };
}
