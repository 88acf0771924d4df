/**
 * Kiln's firewall as text for nft: one table of the instance's own, so that nothing else of the host's rules is
 * touched. A `drop` in it is final; what it lets pass, other tables may still drop.
 *
 * Links are known by the beginning of their names, and what a link may do by its device group: giving a jail its
 * network is then one message to the kernel about one device, and no change of rules. A link of group 0, as all are
 * made, may do nothing.
 */
import type { EgressRule, NetworkPolicy } from "../../contract.ts";
import { NEVER, PRIVATE } from "./special-addresses.ts";

/** Zero: no limit. */
export interface NetworkLimits {
  /** Connections (and flows of UDP) of one jail at a time. */
  connections: number;
  /** Packets a second, in each direction. */
  packets: number;
  /** Bytes a second, in each direction. */
  bytes: number;
}

export interface Ruleset {
  table: string;
  /** What all links of this instance begin with. */
  linkPrefix: string;
  /** What all links of all Kilns begin with. */
  anyLinkPrefix: string;
  /** Range of the jails' addresses. */
  cidr: string;
  limits: NetworkLimits;
  /** Interfaces that forward only because Kiln needs it: whatever else comes in there and would be forwarded is dropped. */
  guarded: readonly string[];
}

export const INTERNET_GROUP = 1;

/** Counts of one address each, forgotten when it is silent. */
function dynamicSet(name: string): string {
  return `set ${name} { type ipv4_addr; size 65536; flags dynamic,timeout; timeout 1m; }`;
}

function sets({ limits, cidr }: Ruleset, groups: ReadonlyMap<number, NetworkPolicy>): string[] {
  // A link of any other group may do nothing.
  const policies = [...groups].flatMap(([group, { kind }]) =>
    kind === "none" ? [] : [`${group} : jump ${kind === "internet" ? "internet" : `private_${group}`}`],
  );
  return [
    `set never { type ipv4_addr; flags interval; auto-merge; elements = { ${[...NEVER, cidr].join(", ")} } }`,
    `set private { type ipv4_addr; flags interval; auto-merge; elements = { ${PRIVATE.join(", ")} } }`,
    `map policies { type devgroup : verdict; elements = { ${policies.join(", ")} } }`,
    ...(limits.connections > 0 ? ["set connections { type ipv4_addr; size 65536; flags dynamic; }"] : []),
    ...(limits.packets > 0 ? [dynamicSet("packets_out"), dynamicSet("packets_in")] : []),
    ...(limits.bytes > 0 ? [dynamicSet("bytes_out"), dynamicSet("bytes_in")] : []),
  ];
}

/** A second's worth may come at once. */
function rates({ limits }: Ruleset, direction: "out" | "in"): string[] {
  const key = direction === "out" ? "ip saddr" : "ip daddr";
  const over = (set: string, rate: string, burst: string): string =>
    `update @${set}_${direction} { ${key} limit rate over ${rate}/second burst ${burst} } counter drop`;
  const { packets, bytes } = limits;
  return [
    ...(packets > 0 ? [over("packets", `${packets}`, `${packets} packets`)] : []),
    ...(bytes > 0 ? [over("bytes", `${bytes} bytes`, `${bytes} bytes`)] : []),
  ];
}

function chain(name: string, lines: readonly string[]): string {
  return `chain ${name} {\n${lines.map((line) => `  ${line}`).join("\n")}\n}`;
}

function chains(ruleset: Ruleset): string[] {
  const mine = `"${ruleset.linkPrefix}*"`;
  const any = `"${ruleset.anyLinkPrefix}*"`;
  const { limits, guarded } = ruleset;
  // Related traffic is ICMP errors only: what connection helpers would let through is nobody's wish.
  const known = ["ct state established accept", "ct state related meta l4proto icmp accept"];
  return [
    // A reset ends the attempt at once and says nothing but "no"; ICMP would carry an address of the host.
    chain("refuse", ["meta l4proto tcp counter reject with tcp reset", "counter drop"]),
    chain("internet", [
      "ip daddr @never goto refuse",
      "ip daddr @private goto refuse",
      "fib daddr type != unicast goto refuse",
      "accept",
    ]),
    // Before anybody's address translation: what a function calls by a private address is private, wherever it leads.
    chain("prerouting", [
      "type filter hook prerouting priority mangle; policy accept;",
      `iifname ${mine} goto from_function`,
    ]),
    chain("from_function", [
      "meta nfproto != ipv4 counter drop",
      // The route back to the source must be this link: nobody else's address leaves.
      "fib saddr . iif oif missing counter drop",
      // The answer to an expired packet would show an address of the host.
      "ip ttl < 2 counter drop",
      "ct state invalid counter drop",
      ...rates(ruleset, "out"),
      ...known,
      "iifgroup vmap @policies",
      "goto refuse",
    ]),
    chain("forward", [
      "type filter hook forward priority filter; policy accept;",
      `iifname ${mine} goto forward_from_function`,
      `oifname ${mine} goto forward_to_function`,
      ...guarded.map((name) => `iifname "${name}" oifname != ${any} counter drop`),
    ]),
    // Again, after address translation.
    chain("forward_from_function", [
      `oifname ${any} goto refuse`,
      ...known,
      ...(limits.connections > 0
        ? [`add @connections { ip saddr ct count over ${limits.connections} } goto refuse`]
        : []),
      "iifgroup vmap @policies",
      "goto refuse",
    ]),
    chain("forward_to_function", [
      `iifname ${any} counter drop`,
      ...rates(ruleset, "in"),
      "ct direction reply ct state established accept",
      "ct state related meta l4proto icmp accept",
      "counter drop",
    ]),
    chain("input", ["type filter hook input priority filter; policy accept;", `iifname ${mine} counter drop`]),
    // The host's own programs cannot reach functions either; its resets and ICMP errors belong to what functions began.
    chain("output", ["type filter hook output priority filter; policy accept;", `oifname ${mine} goto to_function`]),
    chain("to_function", ["ct state established,related accept", "counter drop"]),
    chain("postrouting", [
      "type nat hook postrouting priority srcnat; policy accept;",
      `ip saddr ${ruleset.cidr} oifname != ${any} masquerade`,
    ]),
  ];
}

/**
 * Replaces the whole table in one transaction; connections stay. `groups`: what the links of each device group may do.
 */
export function tableText(ruleset: Ruleset, groups: ReadonlyMap<number, NetworkPolicy>): string {
  const name = `inet ${ruleset.table}`;
  const own = [...groups].flatMap(([group, policy]) =>
    policy.kind === "private" ? [chain(`private_${group}`, privateChain(policy))] : [],
  );
  const body = [...sets(ruleset, groups), ...chains(ruleset), ...own].join("\n");
  // Deleting needs something to be there.
  return `table ${name} {}\ndelete table ${name}\ntable ${name} {\n${body}\n}\n`;
}

export type PrivatePolicy = Extract<NetworkPolicy, { kind: "private" }>;

function privateChain(policy: PrivatePolicy): string[] {
  const rules = policy.egress.map(egressMatch);
  return [
    "ip daddr @never goto refuse",
    "fib daddr type != unicast goto refuse",
    ...policy.routes.flatMap((route) => rules.map((rule) => `ip daddr ${route} ${rule} accept`)),
    ...(policy.internet ? ["ip daddr @private goto refuse", ...rules.map((rule) => `${rule} accept`)] : []),
    "goto refuse",
  ];
}

function egressMatch({ protocol, ports, cidrs }: EgressRule): string {
  const destinations = `ip daddr { ${cidrs.join(", ")} }`;
  if (protocol === "all") return destinations;
  const what = ports === undefined ? `meta l4proto ${protocol}` : `${protocol} dport ${ports[0]}-${ports[1]}`;
  return `${destinations} ${what}`;
}
