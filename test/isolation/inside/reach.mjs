// Runs inside a jail. Tries to reach what TARGETS names (JSON: a list of "tcp HOST:PORT" and "udp HOST:PORT"), and prints
// what each attempt came to: "here" is an answer.
import { createSocket } from "node:dgram";
import { connect } from "node:net";

/** Longer than any answer takes on one machine, and only waited for where nothing comes. An emulated one needs more. */
const SILENCE_MS = Number(process.env.SILENCE_MS ?? 700);

function tcp(host, port) {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.on("data", () => {
      resolve("here");
      socket.destroy();
    });
    socket.on("close", () => resolve("closed"));
    socket.on("error", (error) => resolve(error.code));
    setTimeout(() => {
      resolve("silence");
      socket.destroy();
    }, SILENCE_MS);
  });
}

function udp(host, port) {
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
    const end = (what) => {
      resolve(what);
      socket.close();
    };
    const timer = setTimeout(() => end("silence"), SILENCE_MS);
    const done = (what) => {
      clearTimeout(timer);
      end(what);
    };
    socket.once("message", () => done("here"));
    socket.once("error", (error) => done(error.code));
    socket.send("x", port, host, (error) => error && done(error.code));
  });
}

const outcomes = await Promise.all(
  JSON.parse(process.env.TARGETS).map(async (target) => {
    const [, kind, host, port] = /^(tcp|udp) (.*):(\d+)$/.exec(target);
    return [target, await (kind === "tcp" ? tcp : udp)(host, Number(port))];
  }),
);
console.log(JSON.stringify(Object.fromEntries(outcomes)));
process.exit(0);
