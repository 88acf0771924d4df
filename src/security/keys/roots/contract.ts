/**
 * What the data keys are wrapped by, where it is not the key file: something that can wrap and unwrap 32 bytes. What it has
 * wrapped carries a name, by which it knows it again.
 */
export interface OuterRoot {
  /** For people. */
  readonly name: string;
  /** Whether this has wrapped what carries that name. */
  knows(root: string): boolean;
  /** `context` is authenticated with the key. Throws KilnError ROOT_UNAVAILABLE. */
  wrap(key: Buffer, context: Buffer): Promise<Wrapped>;
  /** Throws KilnError ROOT_UNAVAILABLE, ROOT_REFUSED. */
  unwrap(wrapped: Wrapped, context: Buffer): Promise<Buffer>;
}

export interface Wrapped {
  readonly root: string;
  /** Base64 */
  readonly wrapped: string;
}
