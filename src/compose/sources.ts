/** What polls: a poller for each kind of event source that is configured. */
import type { Functions } from "../functions/contract.ts";
import type { Deliver, Invoker } from "../invoke/contract.ts";
import type { SourceMapping } from "../sources/contract.ts";
import { createSources, type Sources } from "../sources/manager.ts";
import type { createResults } from "../sources/results.ts";
import type { QueueService } from "../sources/sqs/contract.ts";
import { sqsSource } from "../sources/sqs/poller.ts";
import { removeCheckpoints, sweepCheckpoints } from "../sources/streams/checkpoints.ts";
import type { ClosableStreamService } from "../sources/streams/contract.ts";
import { streamSource } from "../sources/streams/poller.ts";
import type { Documents } from "../store/contract.ts";
import { report } from "./say.ts";

export interface SourceParts {
  documents: Documents;
  queues: QueueService;
  functions: Functions;
  invoker: Invoker;
  deliver: Deliver;
  streams: readonly ClosableStreamService[];
  results: ReturnType<typeof createResults>;
}

export function sourcesOf({ documents, queues, functions, invoker, deliver, streams, results }: SourceParts): Sources {
  const roleOf = async ({ scope: of, functionName, qualifier }: SourceMapping): Promise<string> =>
    (await functions.get(of, functionName, qualifier)).version.settings.Role;
  return createSources({
    feed: functions.mappings.feed,
    pollers: {
      sqs: sqsSource({ service: queues, invoker, results, report }),
      ...Object.fromEntries(
        streams.map((service) => [
          service.kind,
          streamSource({ service, documents, invoker, deliver, results, roleOf, report }),
        ]),
      ),
    },
    report,
    async forget(mapping) {
      await removeCheckpoints(documents, mapping);
      await results.forget(mapping.scope, mapping.uuid);
    },
    async sweep(isKnown) {
      await sweepCheckpoints(documents, isKnown);
      await results.sweep(isKnown);
    },
  });
}
