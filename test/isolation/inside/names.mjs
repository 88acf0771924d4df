// Runs inside a jail. Looks names up in the ways that programs do, sends what is no question, floods; prints the outcomes.
import { createSocket } from "node:dgram";
import { lookup, Resolver, resolve4, resolve6, resolveTxt } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const outcome = (promise) => promise.catch((error) => error.code);
const names = JSON.parse(process.env.NAMES);
const resolved = {};
for (const name of names) resolved[name] = await outcome(resolve4(name));
const libc = await outcome(lookup("public.example", { family: 4 }).then(({ address }) => address));
const ipv6 = await outcome(resolve6("v6.example"));
const text = await outcome(resolveTxt("text.example"));

/** The answer's RCODE, or "silence". */
function raw(bytes) {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    const end = (what) => {
      clearTimeout(timer);
      resolve(what);
      socket.close();
    };
    const timer = setTimeout(() => end("silence"), 300);
    socket.on("message", (message) => end(message[3] & 15));
    socket.on("error", (error) => end(error.code));
    socket.connect(53, "127.0.0.1", () => socket.send(bytes, (error) => error && end(error.code)));
  });
}
const malformed = {
  empty: await raw(Buffer.alloc(0)),
  zeros: await raw(Buffer.alloc(12)),
  oversize: await raw(Buffer.alloc(9000, 1)),
  pointer: await raw(Buffer.from("000701000001000000000000c00c00010001", "hex")),
};
/** Over TCP: a length without a message, and connections that say nothing. */
const tcp = await new Promise((resolve) => {
  const socket = connect(53, "127.0.0.1", () => socket.write(Buffer.from([0xff, 0xff, 0])));
  for (let i = 0; i < 30; i++) connect(53, "127.0.0.1").on("error", () => {});
  socket.on("error", () => {});
  socket.once("connect", () => resolve("connected"));
});

let flood = "none";
if (process.env.FLOOD) {
  const socket = createSocket("udp4");
  socket.on("error", () => {});
  await new Promise((resolve) => socket.connect(53, "127.0.0.1", resolve));
  const question = Buffer.from("0007010000010000000000000670756c7365720765786170706c650000010001", "hex");
  let refused = 0;
  for (let round = 0; round < 100; round++) {
    for (let i = 0; i < 100; i++) socket.send(question, (error) => error && refused++);
    await sleep(5);
  }
  socket.close();
  flood = refused > 0 ? "refused" : "all taken";
  // The next second begins anew.
  for (let i = 0; i < 50; i++) {
    const again = await outcome(resolve4("public.example"));
    if (Array.isArray(again)) {
      flood += ", then answered";
      break;
    }
    await sleep(100);
  }
}
/** The host's resolver itself is somewhere on the internet here; asking it needs no forwarder. Silence would last a minute. */
const own = new Resolver();
own.setServers([process.env.RESOLVER]);
const direct = process.env.DIRECT ? await outcome(own.resolve4("private.example")) : "not asked";
const resolvConf = readFileSync("/etc/resolv.conf", "utf8");
console.log(JSON.stringify({ resolvConf, resolved, libc, ipv6, text, malformed, tcp, flood, direct }));
process.exit(0);
