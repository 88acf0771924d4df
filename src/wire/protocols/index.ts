/** Every protocol that services can use. A new one is a folder and a line here. */
import type { ProtocolName } from "../contract.ts";
import { awsJson } from "./aws-json/index.ts";
import type { Protocol } from "./protocol.ts";
import { query } from "./query/index.ts";
import { restJson } from "./rest-json/index.ts";

const protocols = new Map<ProtocolName, Protocol>(
  [restJson, awsJson, query].map((protocol) => [protocol.name, protocol]),
);

export function protocolOf(name: ProtocolName): Protocol {
  const found = protocols.get(name);
  if (found === undefined) throw new TypeError(`the wire has no protocol ${name}`);
  return found;
}
