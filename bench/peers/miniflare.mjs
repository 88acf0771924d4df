/** The same handler in workerd, Cloudflare's runtime: isolates of V8 in one process, not a sandbox as a jail is. Prints its port. */
import { readFileSync } from "node:fs";
import { Miniflare } from "miniflare";

const source = readFileSync(new URL("../functions/echo/index.mjs", import.meta.url), "utf8");
const server = new Miniflare({
  host: "127.0.0.1",
  port: 0,
  modules: true,
  compatibilityDate: "2025-01-01",
  script: `${source}
export default {
  async fetch(request) {
    return Response.json(await handler(JSON.parse((await request.text()) || "{}")));
  },
};`,
});
const url = await server.ready;
console.log(url.port);
process.on("SIGTERM", () => {
  void server.dispose().then(() => process.exit(0));
});
