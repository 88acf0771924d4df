/**
 * AWS's rule for streamed answers: the first 6 MB as fast as they come, then 2 MB/s
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html). As in AWS's emulator it is a bucket
 * that fills again, so an answer that never comes faster than the rate is never held up.
 */
export interface Bandwidth {
  /** Counts bytes that have come; answers for how many ms no more may. */
  count(bytes: number): number;
}

export interface BandwidthLimit {
  /** 0: none. */
  bytesPerSecond: number;
  burstBytes: number;
}

export const DEFAULT_BANDWIDTH: BandwidthLimit = { bytesPerSecond: 2 * 1024 * 1024, burstBytes: 6 * 1024 * 1024 };

/** @param now Monotonic ms. */
export function createBandwidth({ bytesPerSecond, burstBytes }: BandwidthLimit, now: () => number): Bandwidth {
  if (bytesPerSecond === 0) return { count: () => 0 };
  let tokens = burstBytes;
  let filledAt = now();
  return {
    count(bytes) {
      const at = now();
      tokens = Math.min(burstBytes, tokens + ((at - filledAt) * bytesPerSecond) / 1000) - bytes;
      filledAt = at;
      return tokens >= 0 ? 0 : Math.ceil((-tokens * 1000) / bytesPerSecond);
    },
  };
}
