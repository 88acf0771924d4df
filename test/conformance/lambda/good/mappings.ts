import { CreateEventSourceMappingCommand } from "@aws-sdk/client-lambda";
import type { TestApi } from "../../../lambda/api.ts";
import { source } from "../../../lambda/cases/mappings.ts";
import { arn } from "../../../lambda/support.ts";
import { good, type GoodCase } from "../good-case.ts";
import { uuid } from "../match.ts";

const queue = { FunctionName: "f", EventSourceArn: source.queue };
const shown = {
  UUID: uuid,
  EventSourceMappingArn: /^arn:aws:lambda:us-east-1:123456789012:event-source-mapping:[0-9a-f-]{36}$/,
  LastModified: (value: unknown) => value instanceof Date,
  BatchSize: 10,
  EventSourceArn: source.queue,
  FunctionArn: arn("f"),
  FunctionResponseTypes: [],
  MaximumBatchingWindowInSeconds: 0,
  State: "Enabled",
  StateTransitionReason: "USER_INITIATED",
};
const changing = (State: string) => ({ ...shown, State, StateTransitionReason: "USER_INITIATED" });

/** After a mapping of the queue to `f` has been made; with its UUID. */
function withMapping<I extends object>(input: I) {
  return async ({ client }: TestApi): Promise<I & { UUID: string | undefined }> => {
    const { UUID } = await client.send(new CreateEventSourceMappingCommand(queue));
    return { ...input, UUID };
  };
}

export const mappingCases: GoodCase[] = [
  good("CreateEventSourceMapping", "of a queue", queue, { status: 202, answer: changing("Creating") }),
  good(
    "CreateEventSourceMapping",
    "of a stream, for a version",
    { FunctionName: "f:1", EventSourceArn: source.stream, StartingPosition: "LATEST", Enabled: false },
    {
      status: 202,
      answer: {
        ...shown,
        EventSourceArn: source.stream,
        FunctionArn: `${arn("f")}:1`,
        State: "Disabled",
        StateTransitionReason: "User action",
        BatchSize: 100,
        BisectBatchOnFunctionError: false,
        DestinationConfig: { OnFailure: {} },
        LastProcessingResult: "No records processed",
        MaximumRecordAgeInSeconds: -1,
        MaximumRetryAttempts: -1,
        ParallelizationFactor: 1,
        StartingPosition: "LATEST",
        TumblingWindowInSeconds: 0,
      },
    },
  ),
  good("GetEventSourceMapping", "at rest", withMapping({}), { answer: shown }),
  good(
    "ListEventSourceMappings",
    "one",
    async (api) => {
      await withMapping({})(api);
      return {};
    },
    { answer: { EventSourceMappings: [shown] } },
  ),
  good("ListEventSourceMappings", "none of a function", { FunctionName: "f" }, { answer: { EventSourceMappings: [] } }),
  good("UpdateEventSourceMapping", "some members", withMapping({ BatchSize: 5, MaximumBatchingWindowInSeconds: 1 }), {
    status: 202,
    answer: { ...changing("Updating"), BatchSize: 5, MaximumBatchingWindowInSeconds: 1 },
  }),
  good("UpdateEventSourceMapping", "switched off", withMapping({ Enabled: false }), {
    status: 202,
    answer: changing("Disabling"),
  }),
  good("DeleteEventSourceMapping", "there", withMapping({}), { status: 202, answer: changing("Deleting") }),
];
