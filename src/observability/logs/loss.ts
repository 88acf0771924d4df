/** Log events that did not reach the disk. The function that wrote them does not notice; the operator does. */
export interface LogLoss {
  group: string;
  /** `disk`: the write failed, see `cause`. `backlog`: the function prints faster than the disk takes it. */
  reason: "disk" | "backlog";
  /** 0 when the disk failed without a loss: a group that cannot be read, a segment that cannot be removed. */
  events: number;
  bytes: number;
  cause?: unknown;
}

export type ReportLoss = (loss: LogLoss) => void;
