import assert from "node:assert/strict";
import { test } from "node:test";
import { KilnError } from "../base/errors.ts";
import { parseNetworks } from "./networks.ts";

const rule = { protocol: "tcp", ports: "5432", cidrs: ["10.20.0.0/16"] };
const file = {
  subnets: { "subnet-1": { vpcId: "vpc-1", cidrs: ["10.20.0.0/16"] }, "subnet-2": { internet: true } },
  securityGroups: { "sg-1": { egress: [rule, { protocol: "all", cidrs: ["0.0.0.0/0"] }] }, "sg-2": {} },
};

test("a file with everything, and its defaults", () => {
  assert.deepEqual(parseNetworks(JSON.stringify(file), "f"), {
    subnets: {
      "subnet-1": { vpcId: "vpc-1", cidrs: ["10.20.0.0/16"], internet: false },
      "subnet-2": { vpcId: "vpc-0", cidrs: [], internet: true },
    },
    securityGroups: {
      "sg-1": {
        egress: [
          { protocol: "tcp", cidrs: ["10.20.0.0/16"], ports: [5432, 5432] },
          { protocol: "all", cidrs: ["0.0.0.0/0"] },
        ],
      },
      "sg-2": { egress: [] },
    },
  });
});

const group = (egress: unknown) => ({ securityGroups: { "sg-1": { egress: [egress] } } });
for (const [content, says] of [
  ["{", /no JSON/],
  [[], /the file must be an object/],
  [{ subnet: {} }, /the file\.subnet must be left out/],
  [{ subnets: { "net-1": {} } }, /subnets\.net-1/],
  [
    { subnets: { "subnet-1": { cidrs: ["0.0.0.0/0"] } } },
    /subnets\.subnet-1\.cidrs must be a list of IPv4 ranges from \/8/,
  ],
  [{ subnets: { "subnet-1": { cidrs: "10.0.0.0/8" } } }, /cidrs must be a list/],
  [{ subnets: { "subnet-1": { internet: "no" } } }, /internet must be true or false/],
  [{ securityGroups: { "sg-1": { ingress: [] } } }, /sg-1\.ingress must be left out/],
  [group({ ...rule, protocol: "sctp" }), /egress\[0\]\.protocol must be one of tcp, udp/],
  [group({ ...rule, ports: "80-70" }), /ports must be a port or a range/],
  [group({ ...rule, ports: "70000" }), /ports must be a port or a range/],
  [group({ protocol: "icmp", ports: "1", cidrs: ["10.0.0.0/8"] }), /icmp has no ports/],
  [group({ ...rule, cidrs: ["10.0.0.1/8"] }), /egress\[0\]\.cidrs/],
  [group({ ...rule, cidrs: ["10.0.0.0/8; drop"] }), /egress\[0\]\.cidrs/],
  [group({ ...rule, cidrs: [] }), /at least one/],
  [group({ ...rule, port: 1 }), /port must be left out/],
] as const) {
  test(`refused: ${JSON.stringify(content)}`, () => {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    assert.throws(
      () => parseNetworks(text, "networks.json"),
      (error) => error instanceof KilnError && error.code === "CONFIG_INVALID" && says.test(error.message),
    );
  });
}
