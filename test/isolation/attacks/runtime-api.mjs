// Runs as a function. Abuses the Runtime API and the Extensions API as its event says.
import { connect } from "node:net";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const RUNTIME = "/2018-06-01/runtime";

/** Bytes on a connection of its own; what comes back until it is closed, or for `ms`. */
function send(bytes, { ms = 3000, status = true } = {}) {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect(Number(port), host);
    const done = () => {
      socket.destroy();
      resolve(text);
    };
    const timer = setTimeout(done, ms);
    socket.on("error", () => undefined).on("close", () => (clearTimeout(timer), resolve(text)));
    socket.on("data", (data) => {
      text += data.toString("latin1");
      if (status && /^HTTP\/1\.1 \d+/.test(text)) done();
    });
    socket.write(bytes);
  });
}
const statusOf = (text) => /^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? "none";
const request = (method, path, body = "", headers = "") =>
  `${method} ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`;
const answer = (id, body, headers) => request("POST", `${RUNTIME}/invocation/${id}/response`, body, headers);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const forever = () => new Promise((resolve) => setInterval(resolve, 1e9));

/** Of the calls before, the latest last. */
const ids = [];

const attacks = {
  plain: async () => undefined,
  "answer twice": async ({ id }) => {
    const first = statusOf(await send(answer(id, '"first"')));
    const second = statusOf(await send(answer(id, '"second"')));
    console.log(`statuses ${first} ${second}`);
  },
  "answer an old call": async () => {
    const seen = [];
    for (const old of ids.slice(0, -1)) seen.push(statusOf(await send(answer(old, '"late"'))));
    return { seen: [...new Set(seen)] };
  },
  "answer another's call": async ({ event }) => ({
    seen: [
      statusOf(await send(answer(event.id, '"stolen"'))),
      statusOf(await send(request("POST", `${RUNTIME}/invocation/${event.id}/error`, "{}"))),
    ],
  }),
  "answer with 100 MB": async ({ id }) => {
    const piece = Buffer.alloc(1 << 20, "x");
    const socket = connect(Number(port), host).on("error", () => undefined);
    socket.write(
      `POST ${RUNTIME}/invocation/${id}/response HTTP/1.1\r\nHost: x\r\nContent-Length: ${100 << 20}\r\n\r\n`,
    );
    for (let sent = 0; sent < 100 && !socket.destroyed; sent += 1) {
      if (!socket.write(piece)) await new Promise((resolve) => socket.once("drain", resolve).once("close", resolve));
    }
    socket.destroy();
  },
  "one byte a second": async ({ id }) => {
    const socket = connect(Number(port), host).on("error", () => undefined);
    socket.write(`POST ${RUNTIME}/invocation/${id}/response HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n`);
    for (;;) {
      await sleep(1000);
      socket.write("1");
    }
  },
  "never answer": forever,
  "malformed HTTP": async ({ id }) => {
    const forms = [
      "\0\x01\x02\r\n\r\n",
      "GET / HTTP/9.9\r\n\r\n",
      `GET ${RUNTIME}/invocation/next HTTP/1.1\r\n\r\n`,
      `POST ${RUNTIME}/invocation/${id}/response HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"x"`,
      `POST ${RUNTIME}/invocation/${id}/response HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"x"`,
      `POST ${RUNTIME}/invocation/${id}/response HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n"x"`,
      `POST ${RUNTIME}/invocation/${id}/response HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffff\r\n"x"`,
      `POST ${RUNTIME}/invocation/${id}/response HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-3\r\n"x"\r\n0\r\n\r\n`,
      `POST ${RUNTIME}/invocation/${id}/response HTTP/1.1\r\nHost: x\r\n X: folded\r\nContent-Length: 3\r\n\r\n"x"`,
      `POST ${RUNTIME}/invocation/${id}/response\tHTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n"x"`,
      `GET ${RUNTIME}/invocation/next HTTP/1.1\r\nHost: x\r\n${"A: b\r\n".repeat(5000)}\r\n`,
      `GET ${RUNTIME}/invocation/next HTTP/1.1\r\nHost: x\r\nA: ${"b".repeat(3 << 20)}\r\n\r\n`,
      `GET /${"a".repeat(3 << 20)} HTTP/1.1\r\nHost: x\r\n\r\n`,
      `GET /${".%2e/".repeat(100)}etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n`,
    ];
    const seen = await Promise.all(
      forms.map(async (form) => statusOf(await send(Buffer.from(form, "latin1"), { ms: 1000 }))),
    );
    return { seen };
  },
  fuzzer: async ({ id, event }) => {
    // Requests that would be right, with bytes changed, taken out, doubled and cut; always the same for a seed.
    let state = event.seed;
    const random = (below) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const right = [
      request("GET", `${RUNTIME}/invocation/next`),
      answer(`${id}x`, '"fuzzed"'),
      request("POST", `${RUNTIME}/invocation/${id}x/error`, "{}", "Lambda-Runtime-Function-Error-Type: Fuzzed\r\n"),
      answer(`${id}x`, "2\r\n{}\r\n0\r\n\r\n", "Transfer-Encoding: chunked\r\n"),
      request("POST", "/2020-01-01/extension/register", '{"events":["INVOKE"]}', "Lambda-Extension-Name: fuzzer\r\n"),
      request("PUT", "/2022-07-01/telemetry", '{"types":["platform"]}'),
      request("GET", "/kiln/2026-11-01/assignment"),
    ];
    const changed = () => {
      let bytes = [...Buffer.from(right[random(right.length)], "latin1")];
      for (let times = random(8); times >= 0; times -= 1) {
        const at = random(bytes.length);
        const what = random(4);
        if (what === 0) bytes[at] = random(256);
        else if (what === 1) bytes.splice(at, 1 + random(8));
        else if (what === 2) bytes.splice(at, 0, ...bytes.slice(at, at + 1 + random(64)));
        else bytes = bytes.slice(0, at + 1);
      }
      return Buffer.from(bytes);
    };
    const seen = {};
    for (let round = 0; round < 25; round += 1) {
      const texts = await Promise.all(Array.from({ length: 12 }, () => send(changed(), { ms: 50 })));
      // `next` answers with the event that this environment has.
      for (const text of texts) seen[statusOf(text)] = (seen[statusOf(text)] ?? 0) + 1;
    }
    return { seen: Object.keys(seen).sort() };
  },
  "an answer's headers": async ({ id, event }) => {
    // What is no header of HTTP must not become one on the way to the caller.
    const type = `text/\xff\xfe; a="${"x".repeat(event.length)}"`;
    await send(Buffer.from(answer(id, '"odd"', `Content-Type: ${type}\r\n`), "latin1"));
  },
  "unregistered extension": async () => {
    const seen = {};
    const id = "11111111-1111-1111-1111-111111111111";
    for (const [name, method, path, headers, body] of [
      [
        "register",
        "POST",
        "/2020-01-01/extension/register",
        "Lambda-Extension-Name: late\r\n",
        '{"events":["INVOKE"]}',
      ],
      ["next", "GET", "/2020-01-01/extension/event/next", "", ""],
      ["next with an id", "GET", "/2020-01-01/extension/event/next", `Lambda-Extension-Identifier: ${id}\r\n`, ""],
      ["exit/error", "POST", "/2020-01-01/extension/exit/error", `Lambda-Extension-Identifier: ${id}\r\n`, "{}"],
      ["init/error", "POST", "/2020-01-01/extension/init/error", `Lambda-Extension-Identifier: ${id}\r\n`, "{}"],
      ["telemetry", "PUT", "/2022-07-01/telemetry", `Lambda-Extension-Identifier: ${id}\r\n`, "{}"],
      ["logs", "PUT", "/2020-08-15/logs", `Lambda-Extension-Identifier: ${id}\r\n`, "{}"],
      ["assignment", "GET", "/kiln/2026-11-01/assignment", "", ""],
      ["runtime init/error", "POST", `${RUNTIME}/init/error`, "", "{}"],
    ]) {
      seen[name] = statusOf(await send(request(method, path, body, headers)));
    }
    return { seen };
  },
  "all connections": async () => {
    const sockets = Array.from({ length: 500 }, () => connect(Number(port), host).on("error", () => undefined));
    await sleep(200);
    for (const socket of sockets) socket.write(`GET ${RUNTIME}/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n`);
    await sleep(200);
    for (const socket of sockets) socket.destroy();
  },
  "asks ahead for the next event": async () => {
    // Answered with the event that it has: there is never another one's.
    const seen = [];
    for (let each = 0; each < 5; each += 1) {
      const text = await send(`GET ${RUNTIME}/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n`);
      seen.push(/Lambda-Runtime-Aws-Request-Id: (\S+)/i.exec(text)?.[1] === ids.at(-1));
    }
    return { seen: [...new Set(seen)] };
  },
};

export const handler = async (event, context) => {
  ids.push(context.awsRequestId);
  const found = await attacks[event.attack]({ event, id: context.awsRequestId });
  return { done: event.attack, ...found };
};
export const streaming = globalThis.awslambda.streamifyResponse(async () => forever());
