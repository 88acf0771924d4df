/**
 * Queues as SQS has them (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/): what the API, event
 * source mappings and destinations may ask of them. Names of attributes are AWS's.
 */
import type { Scope } from "../base/scope.ts";

export interface QueueDocument {
  name: string;
  /** Of this queue and of no later one with the same name. */
  id: string;
  /** What was set, as AWS spells it; what is absent has AWS's default. */
  attributes: Record<string, string>;
  tags: Record<string, string>;
  /** ms since the epoch. */
  createdAt: number;
  modifiedAt: number;
}

export interface AttributeValue {
  DataType: string;
  StringValue?: string;
  /** Base64. */
  BinaryValue?: string;
}

/** A message as a sender brings it. */
export interface NewMessage {
  body: string;
  attributes?: Record<string, AttributeValue>;
  systemAttributes?: Record<string, AttributeValue>;
  /** X-Amzn-Trace-Id of the sender's request: what `AWSTraceHeader` is when no system attribute says otherwise. */
  traceHeader?: string;
  /** Seconds; absent: the queue's. */
  delaySeconds?: number;
  groupId?: string;
  deduplicationId?: string;
  /** `SenderId` of receivers. */
  sender: string;
}

export interface SentMessage {
  messageId: string;
  /** Of FIFO queues. */
  sequenceNumber?: string;
}

/** A message as a receiver gets it. */
export interface QueueMessage {
  messageId: string;
  receiptHandle: string;
  body: string;
  attributes: Record<string, AttributeValue>;
  /** Every system attribute that the message has, by AWS's names. */
  system: Record<string, string>;
}

export interface ReceiveOptions {
  max: number;
  /** Seconds; absent: the queue's. */
  visibilitySeconds?: number | undefined;
  /** Seconds that the call waits for a first message; absent: the queue's. */
  waitSeconds?: number | undefined;
  signal?: AbortSignal;
}

export interface MoveTask {
  handle: string;
  sourceArn: string;
  /** Absent: each message goes back to the queue that it came from. */
  destinationArn?: string;
  /** Messages per second. */
  rate?: number;
  status: "RUNNING" | "COMPLETED" | "CANCELLING" | "CANCELLED" | "FAILED";
  failure?: string;
  moved: number;
  /** At the start. */
  toMove: number;
  /** ms since the epoch. */
  startedAt: number;
}

export interface ListOptions {
  limit: number;
  after?: string;
}

/** Everything throws ServiceError with AWS's code and message. Queues are named by scope and name. */
export interface Queues {
  create(
    scope: Scope,
    name: string,
    attributes: Record<string, string>,
    tags: Record<string, string>,
  ): Promise<QueueDocument>;
  get(scope: Scope, name: string): Promise<QueueDocument>;
  /** Text of the policy of the queue with this ARN; undefined when there is no queue or no policy. */
  policyOf(arn: string): Promise<string | undefined>;
  list(scope: Scope, prefix: string, options: ListOptions): Promise<{ items: QueueDocument[]; next?: string }>;
  remove(scope: Scope, name: string): Promise<void>;
  setAttributes(scope: Scope, name: string, attributes: Record<string, string>): Promise<void>;
  /** Everything that GetQueueAttributes can show. */
  attributes(scope: Scope, name: string): Promise<Record<string, string>>;
  tag(scope: Scope, name: string, tags: Record<string, string>): Promise<void>;
  untag(scope: Scope, name: string, keys: readonly string[]): Promise<void>;
  purge(scope: Scope, name: string): Promise<void>;
  /** Names of the queues that send their dead letters to this one. */
  deadLetterSources(scope: Scope, name: string, options: ListOptions): Promise<{ items: string[]; next?: string }>;

  send(scope: Scope, name: string, message: NewMessage): Promise<SentMessage>;
  receive(scope: Scope, name: string, options: ReceiveOptions): Promise<QueueMessage[]>;
  /** Deleting with a receipt that is not the latest is no error. */
  delete(scope: Scope, name: string, receiptHandle: string): Promise<void>;
  changeVisibility(scope: Scope, name: string, receiptHandle: string, seconds: number): Promise<void>;

  startMoveTask(scope: Scope, task: Pick<MoveTask, "sourceArn" | "destinationArn" | "rate">): Promise<string>;
  /** Gives the number of messages that it had moved. */
  cancelMoveTask(scope: Scope, handle: string): Promise<number>;
  /** Newest first. */
  moveTasks(scope: Scope, sourceArn: string): Promise<MoveTask[]>;

  /** Goes on with the tasks of an earlier process. Call once. */
  start(): Promise<void>;
  close(): Promise<void>;
}
