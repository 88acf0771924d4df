import { flushCompileCache } from "node:module";
import { resolve } from "node:path";
import type { Command } from "../command.ts";
import type { Input } from "../input.ts";
import type { Terminal } from "../terminal.ts";

export const serve: Command = {
  summary: "Start Kiln in the foreground.",
  usage: "[options]",
  about: `Needs root: it makes jails. Ctrl-C or SIGTERM ends it once running calls have finished; a second one ends it at
once. What it has accepted is in the state directory, and the next start goes on with it.`,
  options: {
    state: { value: "DIR", help: "State directory. Default: KILN_STATE, else /var/lib/kiln." },
    listen: { value: "HOST:PORT", help: "Where to listen; port 0 takes a free one. Default: 127.0.0.1:4566." },
    "tls-cert": { value: "FILE", help: "Certificate of the listener with its chain, PEM. Default: KILN_TLS_CERT." },
    "tls-key": { value: "FILE", help: "Its private key, PEM. Default: KILN_TLS_KEY." },
    tls: {
      value: "acme|local|off",
      help: "Certificates by ACME, by a CA of Kiln's own, or none, also beyond loopback.",
    },
    isolation: { value: "LEVEL", help: "auto, container, gvisor or microvm. Default: auto." },
    auth: { value: "on|off", help: "Whether requests must be signed. Default: on. off is for loopback only." },
    runtimes: {
      value: "DIR",
      help: "Where the runtime images are. Default: KILN_RUNTIMES, else /var/cache/kiln/runtimes.",
    },
  },
  words: { least: 0, most: 0, name: "" },
  examples: [
    ["kiln serve", "on 127.0.0.1:4566, state in /var/lib/kiln"],
    ["kiln serve --auth off", "for a laptop: whoever reaches it may call it"],
    ["kiln serve --tls local", "with TLS, by a CA that `kiln tls trust` makes known"],
    ["kiln serve --state /srv/kiln --listen 127.0.0.1:0", "elsewhere, on a free port"],
  ],

  async run(input, terminal) {
    const { loadConfig } = await import("../../config/index.ts");
    const config = loadConfig(overridesOf(input));
    const server = await terminal.progress("starting", async () => {
      const main = await import("../../main.ts");
      return main.serve(config);
    });
    // Whoever reads that it is ready may stop it at once.
    const stopped = stopSignal(terminal);
    if (input.flag("json")) terminal.print(JSON.stringify({ url: server.url, state: config.stateDir }));
    else terminal.print(`Kiln is ready at ${server.url}; its state is in ${config.stateDir}. Ctrl-C stops it.`);
    // Whatever becomes of this process, the next one need not compile its code again.
    flushCompileCache();
    // At a terminal SIGHUP says that it has gone, and ends Kiln.
    if (config.tls.kind !== "off" && !process.stdin.isTTY) process.on("SIGHUP", () => void server.reload());
    await stopped;
    await terminal.progress("waiting for running calls", () => server.stop());
    terminal.note("Kiln has stopped.");
  },
};

const paths = [
  ["state", "state"],
  ["runtimes", "runtimes"],
  ["tls-cert", "tlsCert"],
  ["tls-key", "tlsKey"],
] as const;

function overridesOf(input: Input): Record<string, string> {
  const overrides: Record<string, string> = {};
  for (const name of ["listen", "isolation", "auth", "tls"]) {
    const value = input.text(name);
    if (value !== undefined) overrides[name] = value;
  }
  for (const [flag, name] of paths) {
    const value = input.text(flag);
    if (value !== undefined) overrides[name] = resolve(value);
  }
  return overrides;
}

/** Resolves with the first SIGINT or SIGTERM; the second ends the process. */
function stopSignal(terminal: Terminal): Promise<void> {
  return new Promise((resolve) => {
    let stopping = false;
    const stop = (signal: NodeJS.Signals): void => {
      if (stopping) process.exit(1);
      stopping = true;
      terminal.note(`${signal === "SIGINT" ? "Ctrl-C" : signal}: Kiln stops; once more ends it at once.`);
      resolve();
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
  });
}
