/**
 * What AWS's services answer and their public models do not say: codes and limits of their front ends, and details of
 * messages. Data only; a service that has no entry gets the defaults.
 */
export interface Observed {
  /** Code of a violated constraint. */
  readonly validationCode: string;
  /** Answer to a fault of ours: a code and a message that say nothing of it. */
  readonly internal: { readonly code: string; readonly message: string; readonly status: number };
  /** Largest request body in bytes, by operation. */
  readonly bodyLimits: Readonly<Record<string, BodyLimit>>;
  readonly defaultBodyLimit: number;
  /** Enum values in the order in which AWS prints them, by shape, or by structure and member: `ListLayersRequest.CompatibleRuntime`. */
  readonly enumOrder: Readonly<Record<string, readonly string[]>>;
  /** Lists whose entries AWS does not require to be there, as its messages show. */
  readonly nullableEntries: readonly string[];
  /** Enums whose violation in a list is reported without the other rules of the entry. */
  readonly bareEntryEnums: readonly string[];
  /** Enums that the service checks by itself, after everything else. */
  readonly lateEnums: readonly LateEnum[];
}

export interface BodyLimit {
  readonly bytes: number;
  /** The operation's name in AWS's message, where it is another one. */
  readonly printedName?: string;
  /** A smaller limit for requests that carry this header, with a message of its own. */
  readonly when?: {
    readonly header: string;
    readonly value: string;
    readonly bytes: number;
    readonly message: (length: number, limit: number) => string;
  };
}

export interface LateEnum {
  /** Input shape and member. */
  readonly structure: string;
  readonly member: string;
  readonly known: readonly string[];
  readonly printed: readonly string[];
}

const mebibyte = 1024 * 1024;

export const defaults: Observed = {
  validationCode: "ValidationException",
  internal: {
    code: "InternalFailure",
    message: "The request processing has failed because of an unknown error.",
    status: 500,
  },
  bodyLimits: {},
  defaultBodyLimit: 6 * mebibyte,
  enumOrder: {},
  nullableEntries: [],
  bareEntryEnums: [],
  lateEnums: [],
};
