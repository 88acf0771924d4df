/** Private networks: what the ids of a VpcConfig stand for on this host, and what follows for a function. */
import type { VpcConfig } from "@aws-sdk/client-lambda";
import type { EgressRule, NetworkPolicy } from "../sandbox/contract.ts";
import { invalidParameter, invalidSecurityGroup, invalidSubnet } from "./errors.ts";

export interface Subnet {
  vpcId: string;
  /** IPv4 ranges that can be reached from here, if a security group allows it. */
  cidrs: readonly string[];
  /** Whether there is a way to the internet (AWS: a route to a NAT gateway). */
  internet: boolean;
}

export interface SecurityGroup {
  egress: readonly EgressRule[];
}

export interface NetworkCatalog {
  subnets: Readonly<Record<string, Subnet>>;
  securityGroups: Readonly<Record<string, SecurityGroup>>;
}

export interface FunctionNetworks {
  /** What a function without a VpcConfig reaches. */
  access: NetworkPolicy;
  /** Absent: a VpcConfig is kept, and means nothing. */
  catalog?: NetworkCatalog | undefined;
}

/** Own members only: ids come from callers. */
function lookUp<T>(table: Readonly<Record<string, T>>, id: string): T | undefined {
  return Object.hasOwn(table, id) ? table[id] : undefined;
}

function failed(call: string, code: string, message: string): Error {
  return invalidParameter(`Error occurred while ${call}. EC2 Error Code: ${code}. EC2 Error Message: ${message}`);
}

/** Throws AWS's errors for ids that nothing is known of. */
export function checkVpcConfig(catalog: NetworkCatalog, { SubnetIds = [], SecurityGroupIds = [] }: VpcConfig): void {
  for (const id of SubnetIds) {
    if (lookUp(catalog.subnets, id)) continue;
    throw failed("DescribeSubnets", "InvalidSubnetID.NotFound", `The subnet ID '${id}' does not exist`);
  }
  for (const id of SecurityGroupIds) {
    if (lookUp(catalog.securityGroups, id)) continue;
    throw failed("DescribeSecurityGroups", "InvalidGroup.NotFound", `The security group '${id}' does not exist`);
  }
}

/** The VPC of a subnet that is known. */
export function vpcIdOf(catalog: NetworkCatalog | undefined, subnet: string): string | undefined {
  return catalog && lookUp(catalog.subnets, subnet)?.vpcId;
}

/** What a function reaches. Throws AWS's errors of Invoke when its subnets or groups have gone from the configuration. */
export function networkPolicy(networks: FunctionNetworks, vpc: VpcConfig | undefined): NetworkPolicy {
  const { catalog } = networks;
  const { SubnetIds = [], SecurityGroupIds = [] } = vpc ?? {};
  if (!catalog || SubnetIds.length === 0) return networks.access;
  const subnets = SubnetIds.map((id) => {
    const subnet = lookUp(catalog.subnets, id);
    if (!subnet) throw invalidSubnet(id);
    return subnet;
  });
  const groups = SecurityGroupIds.map((id) => {
    const group = lookUp(catalog.securityGroups, id);
    if (!group) throw invalidSecurityGroup(id);
    return group;
  });
  return {
    kind: "private",
    routes: [...new Set(subnets.flatMap(({ cidrs }) => cidrs))].sort(),
    internet: subnets.some(({ internet }) => internet),
    egress: groups.flatMap(({ egress }) => egress),
  };
}
