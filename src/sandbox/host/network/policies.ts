/** Policies that the firewall knows, each as a device group. A new one becomes known when it is first used. */
import type { BlockList } from "node:net";
import { KilnError } from "../../../base/errors.ts";
import { type Cidr, parseCidr } from "../../../base/ipv4.ts";
import type { NetworkPolicy } from "../../contract.ts";
import type { MayReach } from "./dns/message.ts";
import { applyRules } from "./nft.ts";
import { INTERNET_GROUP, type PrivatePolicy } from "./ruleset.ts";
import { blockList, NEVER, PRIVATE } from "./special-addresses.ts";

export interface KnownPolicy {
  group: number;
  /** Undefined: nobody, and no names either. */
  mayReach: MayReach | undefined;
}

export interface Policies {
  /** `rebuild` is called when a policy is new, which is then among the groups. */
  use(policy: NetworkPolicy, rebuild: () => Promise<void>): Promise<KnownPolicy>;
  /** The ranges of all private networks in use. */
  routes(): Cidr[];
  /** Makes the table anew, while no policy is being added. */
  replaceTable(text: (groups: ReadonlyMap<number, NetworkPolicy>) => string): Promise<void>;
}

const NOBODY: KnownPolicy = { group: 0, mayReach: undefined };

/** What becomes text of a rule is what it says it is, whoever wrote it. */
function check({ routes, egress }: PrivatePolicy): void {
  const ranges = [...routes, ...egress.flatMap(({ cidrs }) => cidrs)];
  const known = ["tcp", "udp", "icmp", "all"];
  const ports = egress.flatMap((rule) => rule.ports ?? []);
  if (
    ranges.every((range) => parseCidr(range) !== undefined) &&
    egress.every(({ protocol, cidrs }) => known.includes(protocol) && cidrs.length > 0) &&
    ports.every((port) => Number.isInteger(port) && port >= 0 && port <= 65_535)
  ) {
    return;
  }
  throw new KilnError("NETWORK_POLICY_INVALID", "A network policy has ranges, ports or protocols that are none.");
}

/** `cidr`: where the jails themselves are, which nobody may reach. */
export function createPolicies(cidr: string): Policies {
  const never = blockList([...NEVER, cidr]);
  const internal = blockList(PRIVATE);
  const groups = new Map<number, NetworkPolicy>([[INTERNET_GROUP, { kind: "internet" }]]);
  const known = new Map<string, Promise<KnownPolicy>>();
  const isInternet: MayReach = (address) => !never.check(address) && !internal.check(address);
  const internet: KnownPolicy = { group: INTERNET_GROUP, mayReach: isInternet };
  let nextGroup = INTERNET_GROUP + 1;
  let changes: Promise<unknown> = Promise.resolve();

  /** One change of the table after another, whether or not those before succeed. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = changes.then(work, work);
    changes = done.catch(() => undefined);
    return done;
  }

  function mayReachOf(policy: PrivatePolicy): MayReach {
    const routes: BlockList = blockList(policy.routes);
    return (address) =>
      !never.check(address) && (routes.check(address) || (policy.internet && !internal.check(address)));
  }

  async function add(policy: PrivatePolicy, rebuild: () => Promise<void>): Promise<KnownPolicy> {
    check(policy);
    const group = nextGroup++;
    groups.set(group, policy);
    try {
      await rebuild();
    } catch (error) {
      groups.delete(group);
      throw error;
    }
    return { group, mayReach: mayReachOf(policy) };
  }

  return {
    async use(policy, rebuild) {
      if (policy.kind !== "private") return policy.kind === "internet" ? internet : NOBODY;
      const key = JSON.stringify([policy.routes, policy.internet, policy.egress]);
      const found = known.get(key);
      if (found !== undefined) return found;
      const added = add(policy, rebuild);
      known.set(key, added);
      added.catch(() => known.delete(key));
      return added;
    },
    routes: () =>
      [...groups.values()].flatMap((policy) =>
        policy.kind === "private" ? policy.routes.map(parseCidr).filter((cidr) => cidr !== undefined) : [],
      ),
    replaceTable: (text) => inTurn(() => applyRules(text(groups))),
  };
}
