/**
 * The reader of streams: a process of its own that asks for one answer after the other on one kept-alive connection. Prints
 * one JSON line: for each answer ms to its first byte of body and to its end, and its bytes.
 * usage: stream-load.ts PORT HOST METHOD PATH BODY ANSWERS
 */
import { Agent, request } from "node:http";

const [port = "0", host = "", method = "GET", path = "/", body = "", answers = "1"] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

interface Reading {
  firstMs: number;
  totalMs: number;
  bytes: number;
}

function read(): Promise<Reading> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    let firstMs: number | undefined;
    let bytes = 0;
    const asked = request({ host: "127.0.0.1", port, method, path, agent, headers: { host } }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`status ${answer.statusCode}`));
      answer.on("data", (piece: Buffer) => {
        firstMs ??= performance.now() - startedAt;
        bytes += piece.length;
      });
      answer.on("error", reject);
      answer.on("end", () =>
        resolve({ firstMs: firstMs ?? Number.NaN, totalMs: performance.now() - startedAt, bytes }),
      );
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

const readings: Reading[] = [];
for (let n = 0; n < Number(answers); n += 1) readings.push(await read());
agent.destroy();
console.log(JSON.stringify(readings));
