/** The record about a batch that is given up: https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html */
import type { StreamRecord } from "./contract.ts";
import type { Ending } from "./settle.ts";

export interface GivenUp {
  records: readonly StreamRecord[];
  ending: Ending;
  requestId: string;
  functionArn: string;
  streamArn: string;
  shardId: string;
  /** `KinesisBatchInfo`, … */
  batchInfo: string;
  /** ms since the epoch. */
  now: number;
  /** JSON text of the event with the records. */
  payload: string | undefined;
}

/** JSON text. AWS tells which records they are, not what is in them. */
export function failureRecord({ records, ending, requestId, functionArn, ...about }: GivenUp): string {
  const { condition, invokeCount, answer } = ending;
  const first = records[0];
  const last = records.at(-1);
  return JSON.stringify({
    requestContext: { requestId, functionArn, condition, approximateInvokeCount: invokeCount },
    ...(answer === undefined
      ? {}
      : {
          responseContext: {
            statusCode: 200,
            executedVersion: answer.executedVersion,
            ...(answer.functionError === undefined ? {} : { functionError: answer.functionError }),
          },
        }),
    version: "1.0",
    timestamp: new Date(about.now).toISOString(),
    [about.batchInfo]: {
      shardId: about.shardId,
      startSequenceNumber: first?.sequenceNumber,
      endSequenceNumber: last?.sequenceNumber,
      approximateArrivalOfFirstRecord: arrival(first),
      approximateArrivalOfLastRecord: arrival(last),
      batchSize: records.length,
      streamArn: about.streamArn,
    },
    payload: about.payload,
  });
}

function arrival(record: StreamRecord | undefined): string | undefined {
  return record && new Date(record.arrivedAt).toISOString();
}
