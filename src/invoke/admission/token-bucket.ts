/**
 * A rate with its burst: so many tokens at most, refilled all the time. The figures come with each take, so that a change
 * of a limit acts on the next call.
 */
export interface TokenBucket {
  /** NaN before the first take: then it is full. */
  tokens: number;
  /** Monotonic ms of the last refill. */
  at: number;
}

export function newBucket(): TokenBucket {
  return { tokens: Number.NaN, at: 0 };
}

/**
 * Takes a token if there is one.
 * @param perSecond Refill; infinite: there is always one.
 * @param burst The most that the bucket holds.
 * @param now Monotonic ms.
 */
export function takeToken(bucket: TokenBucket, perSecond: number, burst: number, now: number): boolean {
  if (perSecond === Number.POSITIVE_INFINITY) return true;
  const before = Number.isNaN(bucket.tokens) ? burst : bucket.tokens;
  const tokens = Math.min(burst, before + ((now - bucket.at) * perSecond) / 1000);
  bucket.at = now;
  bucket.tokens = tokens >= 1 ? tokens - 1 : tokens;
  return tokens >= 1;
}
