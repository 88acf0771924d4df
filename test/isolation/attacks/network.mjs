// Runs as a function. Tries to reach what it must not, and floods, as its event says.
import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** The first hop, little-endian in /proc/net/route. */
function gateway() {
  const line = readFileSync("/proc/net/route", "utf8")
    .split("\n")
    .map((text) => text.split("\t"))
    .find(([, to]) => to === "00000000");
  return line && Buffer.from(line[2], "hex").reverse().join(".");
}

const attacks = {
  where: async () => ({
    gateway: gateway(),
    own: Object.values(networkInterfaces())
      .flat()
      .find(({ internal }) => !internal)?.address,
  }),
  reach: async ({ targets }) => {
    const env = { ...process.env, TARGETS: JSON.stringify(targets) };
    return { outcomes: JSON.parse(execFileSync(process.execPath, ["/var/task/reach.mjs"], { env })) };
  },
  /** Waits to be connected to, by a port that anybody could guess. */
  wait: async ({ ms }) => {
    let visitors = 0;
    const { createServer } = await import("node:net");
    const server = createServer(() => (visitors += 1)).listen(8080, "0.0.0.0");
    await sleep(ms);
    server.close();
    return { visitors };
  },
  packets: async ({ count, to }) => {
    const socket = createSocket("udp4").on("error", () => undefined);
    await new Promise((resolve) => socket.connect(123, to, resolve));
    for (let sent = 0; sent < count; sent += 1) {
      socket.send(Buffer.alloc(64), () => undefined);
      if (sent % 200 === 0) await sleep(1);
    }
    socket.close();
  },
  connections: async ({ count, to }) => {
    const outcomes = await Promise.all(
      Array.from(
        { length: count },
        () =>
          new Promise((resolve) => {
            const socket = connect(81, to);
            socket.on("connect", () => resolve("open")).on("error", ({ code }) => resolve(code));
          }),
      ),
    );
    return { open: outcomes.filter((each) => each === "open").length };
  },
};

export const handler = async (event) => ({ done: event.attack, ...(await attacks[event.attack](event)) });
