/** Bounds on what a client can make the wire hold or walk. Sizes in bytes, times in ms. */
export interface WireLimits {
  /** Nesting of JSON in a request body. */
  readonly jsonDepth: number;
  /** Values in the JSON of a request body. */
  readonly jsonValues: number;
  /** Bodies that all requests together may have in memory. */
  readonly bufferedBytes: number;
  /** Of a refused request that is still read and thrown away, so that the client gets to read the answer. */
  readonly discardBytes: number;
  readonly discardMs: number;
}

export const defaultWireLimits: WireLimits = {
  jsonDepth: 64,
  jsonValues: 500_000,
  bufferedBytes: 1024 * 1024 * 1024,
  discardBytes: 96 * 1024 * 1024,
  discardMs: 10_000,
};
