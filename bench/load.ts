/**
 * The load tool: a process of its own that sends one fixed HTTP/1.1 request over N kept-alive connections and measures
 * each answer. Prints one JSON line: latencies in µs, calls per second, failures, µs of its own processor time per call.
 * usage: load.ts HOST PORT PATH CONNECTIONS SECONDS PAYLOAD [HEADERS], the payload as it is or @FILE, the headers as lines
 * that end in CRLF. With KILN_LOAD_KEYS=ACCESS_KEY_ID:SECRET each request has an id and a signature of its own; they are
 * made before the time that is measured, as far as they are foreseen.
 */
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { createSigner } from "./harness/signer.ts";

const [host = "127.0.0.1", port = "0", path = "/", connections = "1", seconds = "2", given = "{}", headers = ""] =
  process.argv.slice(2);
const payload = given.startsWith("@") ? readFileSync(given.slice(1), "latin1") : given;
const start = `POST ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nContent-Type: application/json\r\nContent-Length: ${payload.length}\r\n${headers}`;
const request = Buffer.from(`${start}\r\n${payload}`, "latin1");
const [accessKeyId, secretAccessKey = ""] = process.env["KILN_LOAD_KEYS"]?.split(":") ?? [];
const sign =
  accessKeyId === undefined
    ? undefined
    : createSigner({ accessKeyId, secretAccessKey, region: "us-east-1", host: `${host}:${port}`, path, payload });
/** Above what the machines that this has run on can do. */
const SIGNED_PER_SECOND = 15_000;
/** A payload above this size is sent behind each head, instead of being copied behind it ahead. */
const COPIED_BYTES = 16 * 1024;
const body = Buffer.from(payload, "latin1");
const signed: Buffer[] = [];

function signedRequest(): Buffer {
  const head = `${start}${sign?.() ?? ""}\r\n`;
  return Buffer.from(payload.length > COPIED_BYTES ? head : head + payload, "latin1");
}
const latencies: number[] = [];
let failures = 0;
let done = false;

/** Reads the head of an answer with a Content-Length, or undefined while it is not whole; `length` is that of the answer. */
function answerIn(bytes: Buffer): { status: number; length: number; failed: boolean } | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = bytes.toString("latin1", 0, end).toLowerCase();
  const failed = head.includes("x-amz-function-error");
  const status = Number(head.slice(9, 12));
  if (head.includes("\r\ntransfer-encoding: chunked")) {
    // Some peers do. The payload is JSON, which cannot look like the end of one.
    const length = bytes.subarray(-5).toString("latin1") === "0\r\n\r\n" ? bytes.length : bytes.length + 1;
    return { status, length, failed };
  }
  const size = Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? Number.NaN);
  if (Number.isNaN(size)) throw new Error(`an answer without Content-Length: ${head}`);
  return { status, length: end + 4 + size, failed };
}

function worker(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), noDelay: true });
    let pieces: Buffer[] = [];
    let held = 0;
    /** Bytes that the answer has at least: before them there is no use in looking. */
    let needed = 0;
    let sentAt = 0n;
    const send = (): void => {
      sentAt = process.hrtime.bigint();
      if (sign === undefined) {
        socket.write(request);
        return;
      }
      const next = signed.pop() ?? signedRequest();
      if (payload.length <= COPIED_BYTES) {
        socket.write(next);
        return;
      }
      socket.cork();
      socket.write(next);
      socket.write(body);
      socket.uncork();
    };
    socket.on("connect", send);
    socket.on("data", (chunk) => {
      pieces.push(chunk);
      held += chunk.length;
      if (held < needed) return;
      const bytes = pieces.length === 1 ? chunk : Buffer.concat(pieces);
      pieces = [bytes];
      const answer = answerIn(bytes);
      if (answer === undefined) return;
      needed = answer.length;
      if (held < needed) return;
      pieces = [];
      held = needed = 0;
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

if (sign !== undefined) {
  const foreseen = payload.length > COPIED_BYTES ? 100 : SIGNED_PER_SECOND * Number(seconds);
  for (let count = 0; count < foreseen; count += 1) signed.push(signedRequest());
}
const cpuBefore = process.cpuUsage();
const startedAt = process.hrtime.bigint();
setTimeout(
  () => {
    done = true;
  },
  Number(seconds) * 1000,
);
await Promise.all(Array.from({ length: Number(connections) }, worker));
const elapsed = Number(process.hrtime.bigint() - startedAt) / 1e9;
const cpu = process.cpuUsage(cpuBefore);
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
    cpuPerCall: (cpu.user + cpu.system) / latencies.length,
  }),
);
