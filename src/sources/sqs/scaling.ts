/**
 * How many calls a mapping of a queue makes at a time, and how many wait for its messages:
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
 */
import { createWindow, type Window } from "../../base/window.ts";
import type { SourceSettings } from "../contract.ts";

/** Of AWS: what a mapping begins with, what is added in a second (300 a minute), and where it ends. */
const STANDARD = { floor: 5, growth: 5, ceiling: 1250 };
/** Provisioned pollers grow by up to 1,000 calls a minute. */
const PROVISIONED_GROWTH = 1000 / 60;
/** Calls at a time of one provisioned poller. */
const CALLS = 10;
const LEAST_POLLERS = 2;
const MOST_POLLERS = 200;

export interface Scaling {
  window: Window;
  /** `usual`: of a queue without provisioned pollers. */
  receivers: (usual: number) => number;
}

export function createScaling({ ScalingConfig, ProvisionedPollerConfig }: SourceSettings): Scaling {
  if (ProvisionedPollerConfig !== undefined) {
    const { MinimumPollers: least = LEAST_POLLERS } = ProvisionedPollerConfig;
    const { MaximumPollers: most = Math.max(MOST_POLLERS, least) } = ProvisionedPollerConfig;
    const window = createWindow({ floor: least * CALLS, ceiling: most * CALLS, growth: PROVISIONED_GROWTH });
    return { window, receivers: () => Math.min(most, Math.max(least, Math.ceil(window.size / CALLS))) };
  }
  const ceiling = ScalingConfig?.MaximumConcurrency ?? STANDARD.ceiling;
  const window = createWindow({ ...STANDARD, ceiling });
  return { window, receivers: (usual) => Math.min(usual, Math.max(1, window.size)) };
}
