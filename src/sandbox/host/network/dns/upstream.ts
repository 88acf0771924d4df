/** Asks resolvers of the host, each query from a socket of its own: a random port and a random id (RFC 5452). */
import { createSocket } from "node:dgram";
import { randomInt } from "node:crypto";
import { connect, isIPv6 } from "node:net";
import { isAnswerTo, resolverQuery, type Query } from "./message.ts";

const PORT = 53;
/** ms for one attempt; then the next resolver is asked. Clients wait 5 s by default (resolv.conf(5)). */
const ATTEMPT_MS = 2_000;
const ROUNDS = 2;

/** Undefined when no resolver answered. */
export async function askResolvers(
  query: Query,
  transport: "udp" | "tcp",
  resolvers: readonly string[],
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const ask = transport === "udp" ? askOverUdp : askOverTcp;
  for (let round = 0; round < ROUNDS; round++) {
    for (const resolver of resolvers) {
      if (signal.aborted) return undefined;
      // oxlint-disable-next-line no-await-in-loop -- The next one is asked only if this one fails.
      const answer = await ask(query, resolver, AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT_MS)]));
      if (answer !== undefined) return answer;
    }
  }
  return undefined;
}

function askOverUdp(query: Query, resolver: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
  const id = randomInt(65_536);
  const socket = createSocket(isIPv6(resolver.replace(/%.*/, "")) ? "udp6" : "udp4");
  const { promise, resolve } = Promise.withResolvers<Uint8Array | undefined>();
  const give = (): void => resolve(undefined);
  signal.addEventListener("abort", give);
  // Connected: the kernel takes answers from nobody else.
  socket.on("message", (bytes) => {
    if (isAnswerTo(query, id, bytes)) resolve(bytes);
  });
  socket.on("error", give);
  socket.connect(PORT, resolver, () => socket.send(resolverQuery(query, id)));
  return promise.finally(() => {
    signal.removeEventListener("abort", give);
    socket.close();
  });
}

function askOverTcp(query: Query, resolver: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
  const id = randomInt(65_536);
  const message = resolverQuery(query, id);
  const socket = connect(PORT, resolver);
  const { promise, resolve } = Promise.withResolvers<Uint8Array | undefined>();
  const give = (): void => resolve(undefined);
  signal.addEventListener("abort", give);
  let received = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    if (received.length < 2) return;
    const length = received.readUInt16BE(0);
    if (received.length < 2 + length) return;
    const answer = received.subarray(2, 2 + length);
    resolve(isAnswerTo(query, id, answer) ? answer : undefined);
  });
  socket.on("error", give);
  socket.on("close", give);
  socket.write(framed(message));
  return promise.finally(() => {
    signal.removeEventListener("abort", give);
    socket.destroy();
  });
}

/** Over TCP every message has its length before it (RFC 1035, 4.2.2). */
export function framed(message: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.from([message.length >> 8, message.length & 255]), message]);
}
