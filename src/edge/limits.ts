/** Bounds on connections and request heads. Sizes in bytes, times in ms. */
export interface EdgeLimits {
  /** Request line and headers together. */
  readonly headerBytes: number;
  /** The target of the request line. */
  readonly urlBytes: number;
  /** Until the headers must be complete. */
  readonly headersMs: number;
  /** Until the whole request must be complete: 70 MB at 250 kB/s. */
  readonly requestMs: number;
  /** That an idle connection is kept for the next request. */
  readonly keepAliveMs: number;
  readonly connections: number;
}

export const defaultEdgeLimits: EdgeLimits = {
  headerBytes: 32 * 1024,
  urlBytes: 8 * 1024,
  headersMs: 20_000,
  requestMs: 300_000,
  keepAliveMs: 65_000,
  connections: 10_000,
};
