/** Routing rules of a network namespace: which packets ask which table, before the kernel asks which addresses are its own. */
import type { Request } from "./netlink.ts";
import { type Attribute, u32 } from "./netlink.ts";

const AF_INET = 2;
const RTM_NEWRULE = 32;
const RTM_DELRULE = 33;
const CREATE = 0x600; // NLM_F_CREATE | NLM_F_EXCL
const FRA_PRIORITY = 6;
const FRA_FWMARK = 10;
const FR_ACT_TO_TBL = 1;
const RT_TABLE_LOCAL = 255;

const OUT_PRIORITY = 10;
const LOCAL_PRIORITY = 100;

/** struct fib_rule_hdr: family, bits of destination and source, TOS, table, two reserved, action, flags. */
function rule(type: number, table: number, attributes: readonly Attribute[]): Request {
  const head = new Uint8Array([AF_INET, 0, 0, 0, table, 0, 0, FR_ACT_TO_TBL, 0, 0, 0, 0]);
  return { what: "routing rule", type, flags: type === RTM_NEWRULE ? CREATE : 0, head, attributes };
}

/** Marked packets go by `table`, also those to addresses that are the namespace's own. In this order, once. */
export function leadMarkedOut(mark: number, table: number): Request[] {
  return [
    rule(RTM_NEWRULE, RT_TABLE_LOCAL, [[FRA_PRIORITY, u32(LOCAL_PRIORITY)]]),
    rule(RTM_NEWRULE, table, [
      [FRA_PRIORITY, u32(OUT_PRIORITY)],
      [FRA_FWMARK, u32(mark)],
    ]),
    // The kernel's own rule is the first of all: nothing can come before it.
    rule(RTM_DELRULE, RT_TABLE_LOCAL, [[FRA_PRIORITY, u32(0)]]),
  ];
}
