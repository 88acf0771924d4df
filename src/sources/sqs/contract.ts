/** Queues that are polled: Kiln's own, and those of any server that speaks SQS. */
import type { QueueMessage } from "../../queues/contract.ts";

export interface ReceiveOptions {
  /** 1 to 10. */
  max: number;
  /** Seconds that the first message is waited for, 0 to 20. */
  waitSeconds: number;
  signal: AbortSignal;
}

/** One queue. Everything throws the errors of its service. */
export interface SourceQueue {
  receive(options: ReceiveOptions): Promise<QueueMessage[]>;
  /** Messages that are handled. */
  delete(receiptHandles: readonly string[]): Promise<void>;
  visibilitySeconds(): Promise<number>;
  /**
   * Hides messages for so many seconds from now. Those that are settled by then are passed over. Absent where the function's
   * role would need a permission for it that AWS does not ask for.
   */
  extend?(receiptHandles: readonly string[], seconds: number): Promise<void>;
  /** How many wait for messages at a time. */
  readonly receivers: number;
}

export interface QueueService {
  open(arn: string): Promise<SourceQueue>;
}
