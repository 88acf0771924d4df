/** What a service's model says of the values of its inputs; written by `tools/generate-constraints.ts`. */
export interface ConstraintTable {
  /** Model that it was taken from: `lambda/2015-03-31`. */
  readonly source: string;
  /** Input shape by operation. */
  readonly operations: Readonly<Record<string, string>>;
  readonly shapes: Readonly<Record<string, ConstraintShape>>;
}

export interface ConstraintShape {
  /** As botocore names it: structure, list, map, string, integer, long, double, float, boolean, blob, timestamp. */
  readonly type: string;
  readonly required?: readonly string[];
  /** Name of the shape of each member. */
  readonly members?: Readonly<Record<string, string>>;
  readonly member?: string;
  readonly key?: string;
  readonly value?: string;
  /** Length of strings (characters), blobs (bytes), lists and maps (entries); value of numbers. */
  readonly min?: number;
  readonly max?: number;
  /** A Java regular expression that the whole value must match. */
  readonly pattern?: string;
  readonly enum?: readonly string[];
  /** Must not be repeated in a message. */
  readonly sensitive?: boolean;
}
