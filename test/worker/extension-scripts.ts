/** Extensions for tests, in JavaScript for the runtime's own Node.js. */

/** The start of an extension in JavaScript: `api`, `register(events)`, `next()`. */
export const PRELUDE = `#!/var/lang/bin/node
const http = require("node:http");
const name = require("node:path").basename(process.argv[1]);
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
let id;
function api(method, path, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, method, path, headers: { "Lambda-Extension-Name": name, ...(id && { "Lambda-Extension-Identifier": id }), ...headers } }, (response) => {
      let text = "";
      response.on("data", (data) => (text += data));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    request.on("error", reject);
    request.end(body && JSON.stringify(body));
  });
}
async function register(events) {
  const answer = await api("POST", "/2020-01-01/extension/register", { events }, { "Lambda-Extension-Accept-Feature": "accountId" });
  id = answer.headers["lambda-extension-identifier"];
  return answer;
}
const next = async () => JSON.parse((await api("GET", "/2020-01-01/extension/event/next")).text);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
`;

export const LISTENER = `${PRELUDE}
(async () => {
  console.log("registered " + (await register(["INVOKE", "SHUTDOWN"])).text.trim());
  for (;;) {
    const event = await next();
    console.log("heard " + JSON.stringify(event));
    if (event.eventType === "SHUTDOWN") process.exit(0);
    await sleep(50);
    console.log("done with " + event.requestId);
  }
})();`;

/**
 * Subscribes, and prints every event that it gets as `got <protocol> {…}`. `$SUBSCRIPTION` stands for the path and the body
 * of its subscription.
 */
export function subscriber(path: string, body: Record<string, unknown>, protocol: "HTTP" | "TCP"): string {
  const port = protocol === "HTTP" ? 8080 : 8081;
  const destination =
    protocol === "HTTP" ? { protocol, URI: `http://sandbox.localdomain:${port}/in` } : { protocol, port };
  return `${PRELUDE}
const got = (line) => console.log("got ${protocol} " + line);
function listen() {
  return new Promise((resolve) => {
    if ("${protocol}" === "HTTP") {
      http.createServer((request, response) => {
        let text = "";
        request.on("data", (data) => (text += data));
        request.on("end", () => { for (const event of JSON.parse(text)) got(JSON.stringify({ ...event, via: request.method + " " + request.url })); response.end(); });
      }).listen(${port}, "sandbox.localdomain", resolve);
    } else {
      require("node:net").createServer((socket) => {
        let rest = "";
        socket.on("data", (data) => { const lines = (rest + data).split("\\n"); rest = lines.pop(); lines.forEach(got); });
      }).listen(${port}, "sandbox.localdomain", resolve);
    }
  });
}
(async () => {
  await listen();
  await register(["INVOKE", "SHUTDOWN"]);
  const answer = await api("PUT", ${JSON.stringify(path)}, ${JSON.stringify({ ...body, destination, buffering: { timeoutMs: 25 } })});
  console.log("subscribed " + answer.status + " " + answer.text.trim());
  for (;;) {
    const event = await next();
    if (event.eventType === "SHUTDOWN") return setTimeout(() => { console.log("the end: " + event.shutdownReason); process.exit(0); }, 50);
  }
})();`;
}
