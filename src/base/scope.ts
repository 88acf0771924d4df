/** An account and a region: the boundary that every name in Kiln lies within. */
export interface Scope {
  /** 12 digits. */
  readonly account: string;
  /** For instance `us-east-1`. */
  readonly region: string;
}
