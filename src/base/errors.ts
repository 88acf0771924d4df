/**
 * Two kinds of error, never mixed:
 * - ServiceError: the caller's mistake, or a state that AWS reports to callers. It has AWS's code, status and message
 *   and is sent as it is.
 * - KilnError: the host's or our own fault. It has a stable code, a cause and a hint for the operator; a caller of the
 *   API sees only AWS's ServiceException with the request id.
 */
export interface ServiceErrorOptions {
  /** HTTP status; 4xx is the sender's fault, 5xx is ours. Default 400. */
  status?: number;
  /** Further members of the error's shape, by their member names (for instance `Type`, `Reason`, `retryAfterSeconds`). */
  members?: Record<string, unknown>;
  cause?: unknown;
}

export class ServiceError extends Error {
  /** AWS's error code, for instance `ResourceNotFoundException`. */
  readonly code: string;
  readonly status: number;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: ServiceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = code;
    this.code = code;
    this.status = options.status ?? 400;
    this.members = options.members ?? {};
  }
}

export interface KilnErrorOptions {
  /** What the operator can do about it: one sentence. */
  hint?: string;
  cause?: unknown;
}

export class KilnError extends Error {
  /** Stable, upper case, for instance `STATE_LOCKED`. */
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, options: KilnErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "KilnError";
    this.code = code;
    this.hint = options.hint;
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The `code` of a Node.js system error (`ENOENT`, `EADDRINUSE`, …), if it has one. */
export function systemCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : undefined;
}
