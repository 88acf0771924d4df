/**
 * The network of all jails of one Kiln: a link for each, one firewall table, forwarding on the host's interfaces, and a
 * resolver in each jail. What belongs to an instance is found by its name again after a crash.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { KilnError, messageOf } from "../../../base/errors.ts";
import {
  cidrContains,
  cidrSize,
  cidrsOverlap,
  formatCidr,
  formatIpv4,
  parseCidr,
  parseIpv4,
  type Cidr,
} from "../../../base/ipv4.ts";
import type { NetworkPolicy } from "../../contract.ts";
import type { JailNetwork } from "../netns.ts";
import { openForwarder } from "./dns/forwarder.ts";
import { hostResolvers } from "./dns/resolvers.ts";
import { openForwarding } from "./forwarding.ts";
import { createAddresses, devicesWithPrefix, openLinks } from "./link.ts";
import { removeTable, watchTable } from "./nft.ts";
import { createPolicies } from "./policies.ts";
import { leadsOut, parseRoutes, type Route, routeTo } from "./routes.ts";
import { type NetworkLimits, type Ruleset, tableText } from "./ruleset.ts";

export interface NetworkOptions {
  /** IPv4 range of the jails' addresses; they are seen on this host only. /8 to /20. */
  cidr: string;
  /** Interfaces that lead to the internet; empty: those of the default routes, as they come and go. */
  uplinks: readonly string[];
  limits: NetworkLimits;
  /** Addresses of resolvers; empty: the host's own; absent: jails cannot look names up. */
  resolvers?: readonly string[];
  /** Something failed in the background that no caller waits for. */
  report?: (error: unknown) => void;
}

/** One jail's part of the network. */
export interface Connection {
  /** In dotted form. */
  readonly address: string;
  /** From now on the jail may speak to whom the policy names. Until then: to nobody. */
  allow(policy: NetworkPolicy): Promise<void>;
  /** The link itself goes with the jail's network namespace. */
  close(): void;
}

export interface HostNetwork {
  /** `own`: see `LinkSpec`. */
  connect(network: JailNetwork, options?: { own: boolean }): Promise<Connection>;
  close(): Promise<void>;
}

const ANY_LINK_PREFIX = "kiln";
const LEAST_PREFIX = 8;
const MOST_PREFIX = 20;
/** How often the host is looked at: a cable may be plugged in, and somebody may flush all rules. */
const LOOK_MS = 1_000;
/** Of the interfaces that a jail's packets leave by; where nothing is known, Ethernet's. */
const DEFAULT_MTU = 1500;
/** Names that can stand in a rule and in a path. */
const INTERFACE = /^[\w.@-]{1,15}$/;

function tableOf(instance: string): string {
  return `kiln-${instance}`;
}

/** 10 characters: 5 are left of a device's 15 for a number. */
export function linkPrefixOf(instance: string): string {
  return `${ANY_LINK_PREFIX}${createHash("sha256").update(instance).digest("hex").slice(0, 6)}`;
}

/** Removes what a killed Kiln of this instance left, and what a stopping one still has. Returns the number of links. */
export async function cleanHostNetwork(instance: string): Promise<number> {
  const names = devicesWithPrefix(linkPrefixOf(instance));
  if (names.length > 0) {
    const links = openLinks();
    try {
      await Promise.all(names.map((name) => links.remove(name)));
    } finally {
      await links.close();
    }
  }
  openForwarding(instance).release();
  // The table last: it guards what is there until then.
  await removeTable(tableOf(instance));
  return names.length;
}

function checkedRange(text: string): Cidr {
  const cidr = parseCidr(text);
  if (cidr === undefined || cidr.prefix < LEAST_PREFIX || cidr.prefix > MOST_PREFIX) {
    throw new KilnError("NETWORK_RANGE_INVALID", `"${text}" is no range of ${2 ** 12} to ${2 ** 24} IPv4 addresses.`, {
      hint: "Set KILN_NETWORK_CIDR to a range between /8 and /20 that nobody else uses, for instance 198.18.0.0/16.",
    });
  }
  return cidr;
}

/** Nobody else on this host may use the range: its routes would cross the jails'. Links of other Kilns are fine. */
function checkNobodyUses(cidr: Cidr, routes: readonly Route[]): void {
  const route = routes.find(
    (found) => !leadsOut(found) && !found.device.startsWith(ANY_LINK_PREFIX) && cidrsOverlap(found.to, cidr),
  );
  const own = Object.entries(networkInterfaces()).find(
    ([name, addresses = []]) =>
      !name.startsWith(ANY_LINK_PREFIX) &&
      addresses.some(({ family, address }) => family === "IPv4" && cidrContains(cidr, parseIpv4(address) ?? -1)),
  );
  const user = route === undefined ? own?.[0] : `${formatCidr(route.to)} on ${route.device}`;
  if (user === undefined) return;
  throw new KilnError("NETWORK_RANGE_TAKEN", `The host uses addresses of ${formatCidr(cidr)} already: ${user}.`, {
    hint: "Set KILN_NETWORK_CIDR to a range that nobody uses, for instance 198.19.0.0/16 or 240.0.0.0/16.",
  });
}

function readRoutes(): Route[] {
  return parseRoutes(readFileSync("/proc/thread-self/net/route", "utf8"));
}

/** The namespace that this is called in is the host of the jails. Cleans up after a killed Kiln of the instance first. */
export async function openHostNetwork(instance: string, options: NetworkOptions): Promise<HostNetwork> {
  const { limits, report = () => undefined } = options;
  const range = checkedRange(options.cidr);
  await cleanHostNetwork(instance);
  checkNobodyUses(range, readRoutes());
  const forwarding = openForwarding(instance);
  const links = openLinks();
  const table = watchTable(tableOf(instance));
  const linkPrefix = linkPrefixOf(instance);
  const addresses = createAddresses({ first: range.first, size: cidrSize(range) }, linkPrefix);
  const resolvers = options.resolvers === undefined ? undefined : hostResolvers(options.resolvers);
  const policies = createPolicies(options.cidr);
  let interfaces: readonly string[] = [];
  let guarded: readonly string[] = [];
  let mtu = DEFAULT_MTU;

  function ruleset(): Ruleset {
    const [name, anyLinkPrefix] = [tableOf(instance), ANY_LINK_PREFIX];
    return { table: name, linkPrefix, anyLinkPrefix, cidr: options.cidr, limits, guarded };
  }

  /** Interfaces that answers come in by: the uplinks, and those of private networks. */
  function wantedInterfaces(): string[] {
    const routes = readRoutes();
    const uplinks = options.uplinks.length > 0 ? options.uplinks : routes.filter(leadsOut).map(({ device }) => device);
    const others = policies.routes().map((cidr) => routeTo(routes, cidr)?.device ?? "");
    return [...new Set([...uplinks, ...others])]
      .filter((name) => INTERFACE.test(name) && links.mtu(name) !== undefined)
      .sort();
  }

  const replaceTable = (): Promise<void> => policies.replaceTable((groups) => tableText(ruleset(), groups));

  /** Rules before forwarding, so that at no moment the host forwards for others. */
  async function lookAtHost(): Promise<void> {
    const wanted = wantedInterfaces();
    const added = wanted.filter((name) => !interfaces.includes(name));
    if (added.length > 0) {
      guarded = [...guarded, ...added];
      await replaceTable();
    }
    const needed = wanted.filter((name) => forwarding.need(name));
    if (needed.join() !== guarded.join()) {
      guarded = needed;
      await replaceTable();
    }
    interfaces = wanted;
    const mtus = wanted.map((name) => links.mtu(name) ?? DEFAULT_MTU);
    mtu = mtus.length === 0 ? DEFAULT_MTU : Math.min(...mtus);
  }

  let looking = Promise.resolve();
  function look(): Promise<void> {
    looking = looking
      .catch(() => undefined)
      .then(restoreRules)
      .then(lookAtHost);
    return looking;
  }

  /** `nft flush ruleset`, which reloading a host's firewall may begin with, knows no owner. */
  async function restoreRules(): Promise<void> {
    if (await table.exists()) return;
    await replaceTable();
    report(
      new KilnError("NETWORK_RULES_GONE", "Somebody removed Kiln's firewall rules, and they are back.", {
        hint: "Until then functions were not kept from the host. Reload rules of your own without flush ruleset.",
      }),
    );
  }

  async function close(): Promise<void> {
    clearInterval(watch);
    await looking.catch(() => undefined);
    await Promise.all([table.close(), links.close()]);
    await cleanHostNetwork(instance);
  }

  const watch = setInterval(() => {
    look().catch((error: unknown) => {
      report(
        new KilnError("NETWORK_FAILED", "The host's routes and rules could not be looked after.", { cause: error }),
      );
    });
  }, LOOK_MS).unref();

  try {
    looking = lookAtHost().then(async () => {
      // With an interface that leads somewhere, the rules are there already.
      if (!(await table.exists())) await replaceTable();
    });
    await looking;
  } catch (error) {
    await close().catch(() => undefined);
    throw new KilnError("NETWORK_UNAVAILABLE", `This host cannot give functions a network: ${messageOf(error)}`, {
      hint: "Install nftables and see what kiln doctor says, or start without: KILN_NETWORK=none.",
      cause: error,
    });
  }

  async function connect(network: JailNetwork, { own } = { own: true }): Promise<Connection> {
    let found = 0;
    const name = await addresses.find((candidate, address) => {
      found = address;
      return links.create({ name: candidate, address, hostAddress: range.first + 1, mtu, own }, network);
    });
    const dns = resolvers === undefined ? undefined : openForwarder({ network, resolvers });
    return {
      address: formatIpv4(found),
      async allow(policy) {
        const { group, mayReach } = await policies.use(policy, async () => {
          await look();
          await replaceTable();
        });
        await links.setGroup(name, group);
        if (dns !== undefined) dns.mayReach = mayReach;
      },
      close: () => dns?.close(),
    };
  }

  return { connect, close };
}
