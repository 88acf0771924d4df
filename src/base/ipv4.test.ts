import assert from "node:assert/strict";
import { test } from "node:test";
import { cidrContains, cidrsOverlap, formatCidr, formatIpv4, parseCidr, parseIpv4, type Cidr } from "./ipv4.ts";

const cidr = (text: string): Cidr => parseCidr(text) ?? assert.fail(text);

test("addresses", () => {
  for (const text of ["0.0.0.0", "10.0.0.1", "255.255.255.255", "128.0.0.1"]) {
    assert.equal(formatIpv4(parseIpv4(text) ?? -1), text);
  }
  for (const text of ["", "1.2.3", "1.2.3.256", "01.2.3.4", "::1", "1.2.3.4 "])
    assert.equal(parseIpv4(text), undefined);
});

test("ranges", () => {
  for (const text of ["0.0.0.0/0", "10.0.0.0/8", "192.168.1.1/32"]) assert.equal(formatCidr(cidr(text)), text);
  for (const text of ["10.0.0.0", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0.0/-1"]) {
    assert.equal(parseCidr(text), undefined, text);
  }
  const contains = (range: string, address: string) => cidrContains(cidr(range), parseIpv4(address) ?? -1);
  assert.ok(contains("10.0.0.0/8", "10.255.255.255") && contains("0.0.0.0/0", "255.0.0.1"));
  assert.ok(!contains("10.0.0.0/8", "11.0.0.0") && !contains("10.0.0.0/8", "9.255.255.255"));
  assert.ok(
    cidrsOverlap(cidr("10.0.0.0/8"), cidr("10.1.0.0/16")) && cidrsOverlap(cidr("10.1.0.0/16"), cidr("0.0.0.0/0")),
  );
  assert.ok(!cidrsOverlap(cidr("10.0.0.0/8"), cidr("11.0.0.0/8")));
});
