/**
 * Documents of mappings. What a mapping reads for which function is claimed by documents of their own, written in the
 * same transaction: so of two callers who make the same mapping at once one gets it, and a crash leaves no claim behind.
 */
import { createHash } from "node:crypto";
import { functionArn } from "../../base/arn.ts";
import type { Scope } from "../../base/scope.ts";
import type { Documents, Stored } from "../../store/contract.ts";
import { scopePrefix } from "../keys.ts";
import type { MappingDocument, MappingSettings, SourceKind, TargetFunction } from "./contract.ts";

/** `account/region/uuid` → MappingDocument */
export const MAPPING = "event-source-mapping";
/** `account/region/hash of function and source` → Claim */
export const CLAIM = "event-source-claim";

export interface Claim {
  uuid: string;
}

export function mappingKey(scope: Scope, uuid: string): string {
  return `${scopePrefix(scope)}${uuid}`;
}

/** Undefined when there is none, also when the text is no UUID. */
export async function readMapping(
  documents: Documents,
  scope: Scope,
  uuid: string,
): Promise<Stored<MappingDocument> | undefined> {
  const plain = uuid.toLowerCase();
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(plain)) return undefined;
  return documents.get<MappingDocument>(MAPPING, mappingKey(scope, plain));
}

/** Keys of the claims of a mapping: one for each part of the source that no other mapping of the function may read. */
export function claimKeys(scope: Scope, kind: SourceKind, target: TargetFunction, settings: MappingSettings): string[] {
  const arn = functionArn(scope, target.name, target.qualifier);
  return sourcesOf(kind, settings).map((source) => {
    const hash = createHash("sha256")
      .update(JSON.stringify([arn, kind, ...source]))
      .digest("hex");
    return `${scopePrefix(scope)}${hash}`;
  });
}

function sourcesOf(kind: SourceKind, settings: MappingSettings): string[][] {
  const { EventSourceArn: arn = "", Topics: topics = [], Queues: queues = [] } = settings;
  switch (kind) {
    case "self-managed-kafka": {
      const servers = settings.SelfManagedEventSource?.Endpoints?.KAFKA_BOOTSTRAP_SERVERS ?? [];
      return [...new Set(servers)].flatMap((server) => topics.map((topic) => [server, topic]));
    }
    case "managed-kafka":
      return topics.map((topic) => [arn, topic]);
    case "mq": {
      const host = settings.SourceAccessConfigurations?.find(({ Type }) => Type === "VIRTUAL_HOST")?.URI ?? "";
      return queues.map((queue) => [arn, host, queue]);
    }
    case "documentdb": {
      const { DatabaseName: database = "", CollectionName: collection = "" } =
        settings.DocumentDBEventSourceConfig ?? {};
      return [[arn, database, collection]];
    }
    case "sqs":
    case "kinesis":
    case "dynamodb":
      return [[arn]];
  }
}
