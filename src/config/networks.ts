/**
 * The file of private networks (KILN_NETWORKS), as docs/network.md describes it. A mistake in it stops the start: a rule
 * that is not understood must not become one that lets more through.
 */
import { parseCidr } from "../base/ipv4.ts";
import type { EgressRule, NetworkCatalog } from "./config.ts";
import { JsonFileReader, readSettingsFile } from "./json-file.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_VpcConfig.html */
const SUBNET_ID = /^subnet-[0-9a-z]{1,64}$/;
const GROUP_ID = /^sg-[0-9a-zA-Z]{1,64}$/;
const VPC_ID = /^vpc-[0-9a-z]{1,64}$/;
const DEFAULT_VPC = "vpc-0";
const PROTOCOLS = ["tcp", "udp", "icmp", "all"] as const;

class Reader extends JsonFileReader {
  cidrs(value: unknown, at: string, least: number): string[] {
    const expected = `a list of IPv4 ranges from /${least} to /32, for instance "10.1.0.0/16"`;
    return this.list(value, at).map((item) => {
      const cidr = typeof item === "string" ? parseCidr(item) : undefined;
      return typeof item === "string" && cidr !== undefined && cidr.prefix >= least ? item : this.refuse(at, expected);
    });
  }

  /** Absent: every port. */
  ports(value: unknown, at: string): [number, number] | undefined {
    if (value === undefined) return undefined;
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(
      typeof value === "number" ? `${value}` : typeof value === "string" ? value : "",
    );
    const [first, last] = [Number(match?.[1] ?? Number.NaN), Number(match?.[2] ?? match?.[1] ?? Number.NaN)];
    return first <= last && last <= 65_535
      ? [first, last]
      : this.refuse(at, 'a port or a range, for instance "5432" or "8000-8010"');
  }

  egress(value: unknown, at: string): EgressRule {
    const rule = this.object(value, at, ["protocol", "ports", "cidrs"]);
    const protocol = PROTOCOLS.find((name) => name === rule["protocol"]);
    if (protocol === undefined) this.refuse(`${at}.protocol`, `one of ${PROTOCOLS.join(", ")}`);
    const ports = this.ports(rule["ports"], `${at}.ports`);
    if (ports !== undefined && protocol !== "tcp" && protocol !== "udp") {
      this.refuse(`${at}.ports`, `left out: ${protocol} has no ports`);
    }
    const cidrs = this.cidrs(rule["cidrs"], `${at}.cidrs`, 0);
    if (cidrs.length === 0) this.refuse(`${at}.cidrs`, "a list with at least one range");
    return { protocol, cidrs, ...(ports === undefined ? {} : { ports }) };
  }
}

function subnet(reader: Reader, value: unknown, at: string) {
  const { cidrs, internet = false, vpcId = DEFAULT_VPC } = reader.object(value, at, ["vpcId", "cidrs", "internet"]);
  if (typeof internet !== "boolean") reader.refuse(`${at}.internet`, "true or false");
  if (typeof vpcId !== "string" || !VPC_ID.test(vpcId)) reader.refuse(`${at}.vpcId`, 'an id, for instance "vpc-0a1b"');
  // The whole of the internet is not a private range: `internet` says that.
  return { vpcId, cidrs: reader.cidrs(cidrs ?? [], `${at}.cidrs`, 8), internet };
}

export function parseNetworks(text: string, file: string): NetworkCatalog {
  const reader = new Reader(file, "docs/network.md");
  const { subnets, securityGroups } = reader.object(reader.parse(text), "the file", ["subnets", "securityGroups"]);
  return {
    subnets: Object.fromEntries(
      reader.entries(subnets, "subnets", SUBNET_ID).map(([id, value]) => [id, subnet(reader, value, `subnets.${id}`)]),
    ),
    securityGroups: Object.fromEntries(
      reader.entries(securityGroups, "securityGroups", GROUP_ID).map(([id, value]) => {
        const at = `securityGroups.${id}`;
        const rules = reader.list(reader.object(value, at, ["egress"])["egress"] ?? [], `${at}.egress`);
        return [id, { egress: rules.map((rule, index) => reader.egress(rule, `${at}.egress[${index}]`)) }];
      }),
    ),
  };
}

/** Undefined when no file is named. */
export function networkCatalog(file: string): NetworkCatalog | undefined {
  if (file === "") return undefined;
  return parseNetworks(readSettingsFile("KILN_NETWORKS", file), file);
}
