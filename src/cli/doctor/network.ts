/** The network of functions: made and tried, and what other firewalls of the host would do to it. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { probeNetwork } from "../../sandbox/jail/network-probe.ts";
import type { Finding } from "./check.ts";
import { firstLine } from "./program.ts";

const run = promisify(execFile);
const name = "network";

export async function checkNetwork(): Promise<Finding[]> {
  const version = await firstLine("nft", ["--version"]);
  if (version === undefined) {
    const todo = "apt-get install nftables, or start with KILN_NETWORK=none: functions then reach nobody.";
    return [{ name, status: "missing", detail: "nftables is not installed", todo }];
  }
  if (process.getuid?.() !== 0) return [{ name, status: "info", detail: `${version}; trying it needs root` }];
  const { ok, reason } = await probeNetwork();
  if (ok) return [{ name, status: "ok", detail: `${version}; a test link reached a test server` }, ...(await others())];
  const todo = "Load the modules (modprobe veth nf_tables nft_fib_inet nft_masq), or start with KILN_NETWORK=none.";
  return [{ name, status: "missing", detail: reason, todo }];
}

/** Chains that drop what is forwarded unless they know it: Docker's and firewalld's, for instance. */
export function forwardDroppers(chains: string): string[] {
  const found: string[] = [];
  let table = "";
  let chain = "";
  for (const line of chains.split("\n")) {
    table = /^table (.*) \{$/.exec(line)?.[1] ?? table;
    chain = /^\s+chain (\S+) \{$/.exec(line)?.[1] ?? chain;
    if (/hook forward .*policy drop;/.test(line)) found.push(`${table} ${chain}`);
  }
  return found;
}

async function others(): Promise<Finding[]> {
  const { stdout } = await run("nft", ["list", "chains"], { timeout: 20_000, maxBuffer: 16 * 1024 * 1024 });
  return forwardDroppers(stdout).map((chain) => ({
    name: "firewall",
    status: "warning",
    detail: `the chain ${chain} drops what is forwarded, packets of functions too`,
    todo: 'Let interfaces named "kiln*" pass there; docs/network.md shows how.',
  }));
}
