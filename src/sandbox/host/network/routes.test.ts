import assert from "node:assert/strict";
import { test } from "node:test";
import { formatCidr, parseCidr } from "../../../base/ipv4.ts";
import { leadsOut, parseRoutes, routeTo } from "./routes.ts";

const line = (...fields: string[]): string => fields.join("\t").padEnd(127);
/** As a little-endian machine shows them. */
const table = [
  line("Iface", "Destination", "Gateway", "Flags", "RefCnt", "Use", "Metric", "Mask", "MTU", "Window", "IRTT"),
  line("eth0", "00000000", "010200C0", "0003", "0", "0", "100", "00000000", "0", "0", "0"),
  line("tun0", "00000000", "0100080A", "0003", "0", "0", "0", "00000080", "0", "0", "0"),
  line("eth0", "000200C0", "00000000", "0001", "0", "0", "100", "00FFFFFF", "0", "0", "0"),
  line("br0", "0000140A", "00000000", "0001", "0", "0", "0", "0000FFFF", "0", "0", "0"),
  line("wlan0", "000200C0", "00000000", "0001", "0", "0", "600", "00FFFFFF", "0", "0", "0"),
].join("\n");

test("routes, the longest and then the cheapest first", () => {
  const routes = parseRoutes(table);
  const shown = routes.map(({ to, device, metric }) => `${formatCidr(to)} ${device} ${metric}`);
  assert.deepEqual(shown, [
    "0.0.0.0/0 eth0 100",
    "0.0.0.0/1 tun0 0",
    "192.0.2.0/24 eth0 100",
    "10.20.0.0/16 br0 0",
    "192.0.2.0/24 wlan0 600",
  ]);
  assert.deepEqual(
    routes.filter(leadsOut).map(({ device }) => device),
    ["eth0", "tun0"],
  );
  const deviceTo = (range: string) => routeTo(routes, parseCidr(range) ?? assert.fail())?.device;
  assert.deepEqual(["192.0.2.9/32", "10.20.3.0/24", "10.0.0.0/8", "200.0.0.0/8"].map(deviceTo), [
    "eth0",
    "br0",
    "tun0",
    "eth0",
  ]);
  assert.deepEqual(parseRoutes(""), []);
});
