// Runs inside a jail. Tries to reach the addresses given in TARGETS (JSON: [host, port] or a socket's path), and prints
// what each attempt came to.
import { createSocket } from "node:dgram";
import { connect } from "node:net";

const outcome = (options) =>
  new Promise((resolve) => {
    const socket = connect(options, () => {
      resolve("connected");
      socket.destroy();
    });
    socket.setTimeout(2000, () => {
      resolve("silence");
      socket.destroy();
    });
    socket.on("error", (error) => resolve(error.code));
  });

const datagram = new Promise((resolve) => {
  const socket = createSocket("udp4");
  socket.send("x", 53, "192.0.2.1", (error) => {
    resolve(error?.code ?? "sent");
    socket.close();
  });
});

const results = {};
for (const target of JSON.parse(process.env.TARGETS)) {
  results[String(target)] = await outcome(
    typeof target === "string" ? { path: target } : { host: target[0], port: target[1] },
  );
}
console.log(JSON.stringify({ results, datagram: await datagram }));
