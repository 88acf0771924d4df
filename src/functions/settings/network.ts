/**
 * VpcConfig and FileSystemConfigs. Subnets and security groups are looked up where the configuration names any; else a
 * VpcConfig is kept and has no effect. What access points stand for is in `file-systems.ts`.
 */
import { createHash } from "node:crypto";
import type { FileSystemConfig, VpcConfig, VpcConfigResponse } from "@aws-sdk/client-lambda";
import type { Settings } from "../contract.ts";
import { invalidParameter } from "../errors.ts";
import { checkVpcConfig, type NetworkCatalog, vpcIdOf } from "../networks.ts";

type Network = Required<VpcConfigResponse>;

/** The network that the request asks for; undefined where it asks for none. Throws AWS's error. */
export function chosenNetwork(catalog: NetworkCatalog | undefined, asked: VpcConfig): Network | undefined {
  const { SubnetIds: subnets = [], SecurityGroupIds: groups = [] } = asked;
  if ((subnets.length === 0) !== (groups.length === 0)) {
    throw invalidParameter("SubnetIds and SecurityIds must coexist or be both empty list.");
  }
  if (subnets.length === 0) return undefined;
  if (catalog) checkVpcConfig(catalog, asked);
  return {
    SubnetIds: [...subnets],
    SecurityGroupIds: [...groups],
    VpcId: vpcOf(catalog, subnets[0] ?? ""),
    Ipv6AllowedForDualStack: asked.Ipv6AllowedForDualStack ?? false,
  };
}

/** What AWS shows of a function that has left its network. */
export const noNetwork: Network = {
  SubnetIds: [],
  SecurityGroupIds: [],
  VpcId: "",
  Ipv6AllowedForDualStack: false,
};

/** The VPC of a subnet. Where only the configuration could say, the same for the same subnet. */
export function vpcOf(catalog: NetworkCatalog | undefined, subnet: string): string {
  const known = vpcIdOf(catalog, subnet);
  return known ?? `vpc-${createHash("sha256").update(subnet).digest("hex").slice(0, 17)}`;
}

/** File systems are reached through the function's network. Throws AWS's errors. */
export function checkFileSystems(settings: Settings, asked: { files: boolean }): void {
  const [first] = settings.FileSystemConfigs ?? [];
  if (!first || settings.VpcConfig?.SubnetIds?.length) return;
  throw invalidParameter(
    asked.files
      ? `Function must be configured to execute in a VPC to reference access point ${arnOf(first)}.`
      : `Function VPC configuration cannot be removed with access point ${arnOf(first)} referenced.`,
  );
}

function arnOf(config: FileSystemConfig): string {
  return config.Arn ?? "";
}
