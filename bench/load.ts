/**
 * The load tool: a process of its own that sends one fixed HTTP/1.1 request over N kept-alive connections and measures
 * each answer. Prints one JSON line: latencies in µs, calls per second, failures.
 * usage: load.ts HOST PORT PATH CONNECTIONS SECONDS PAYLOAD [HEADERS], the headers as lines that end in CRLF
 */
import { connect } from "node:net";

const [host = "127.0.0.1", port = "0", path = "/", connections = "1", seconds = "2", payload = "{}", headers = ""] =
  process.argv.slice(2);
const request = Buffer.from(
  `POST ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(payload)}\r\n${headers}\r\n${payload}`,
);
const latencies: number[] = [];
let failures = 0;
let done = false;

/** Reads one answer with a Content-Length; returns its status and total length, or undefined while it is not whole. */
function answerIn(bytes: Buffer): { status: number; length: number; failed: boolean } | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = bytes.toString("latin1", 0, end).toLowerCase();
  const size = Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? Number.NaN);
  if (Number.isNaN(size)) throw new Error(`an answer without Content-Length: ${head}`);
  const length = end + 4 + size;
  if (bytes.length < length) return undefined;
  return { status: Number(head.slice(9, 12)), length, failed: head.includes("x-amz-function-error") };
}

function worker(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), noDelay: true });
    let pending: Buffer = Buffer.alloc(0);
    let sentAt = 0n;
    const send = (): void => {
      sentAt = process.hrtime.bigint();
      socket.write(request);
    };
    socket.on("connect", send);
    socket.on("data", (chunk) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      const answer = answerIn(pending);
      if (answer === undefined) return;
      pending = pending.subarray(answer.length);
      latencies.push(Number(process.hrtime.bigint() - sentAt) / 1000);
      if (answer.status < 200 || answer.status > 299 || answer.failed) failures += 1;
      if (done) {
        socket.destroy();
        resolve();
      } else send();
    });
    socket.on("error", reject);
    socket.on("end", () => reject(new Error("the server closed the connection")));
  });
}

const startedAt = process.hrtime.bigint();
setTimeout(
  () => {
    done = true;
  },
  Number(seconds) * 1000,
);
await Promise.all(Array.from({ length: Number(connections) }, worker));
const elapsed = Number(process.hrtime.bigint() - startedAt) / 1e9;
latencies.sort((a, b) => a - b);
const at = (share: number): number =>
  latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? Number.NaN;
console.log(
  JSON.stringify({
    calls: latencies.length,
    failures,
    perSecond: latencies.length / elapsed,
    p50: at(0.5),
    p99: at(0.99),
    min: at(0),
  }),
);
