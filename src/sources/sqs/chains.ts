/**
 * A batch by where its messages come from. Messages that a function has sent carry the lineage of their chain of requests;
 * a call has one lineage. Messages of different chains are called apart, so that a loop stops no others.
 */
import { lineageOf, mergedLineage } from "../../base/lineage.ts";
import type { QueueMessage } from "../../queues/contract.ts";

export interface Chain {
  /** See `lineageOf`. */
  lineage: string;
  messages: QueueMessage[];
}

/** In the order of the batch; messages of one group stay together. */
export function chainsOf(messages: readonly QueueMessage[]): Chain[] {
  const groups = new Map<string, QueueMessage[]>();
  for (const message of messages) {
    const group = message.system["MessageGroupId"] ?? "";
    const lineage = lineageOf(message.system["AWSTraceHeader"]);
    const key = group === "" ? `chain ${lineage}` : `group ${group}`;
    const together = groups.get(key) ?? [];
    groups.set(key, together);
    together.push(message);
  }
  const chains = new Map<string, Chain>();
  for (const group of groups.values()) {
    const lineage = mergedLineage(group.map(({ system }) => lineageOf(system["AWSTraceHeader"])));
    const chain = chains.get(lineage) ?? { lineage, messages: [] };
    chains.set(lineage, chain);
    chain.messages.push(...group);
  }
  return [...chains.values()];
}
