/**
 * Roles of functions at AWS: taken at a token service elsewhere, with credentials that Kiln finds as every program of AWS does.
 * The role has to trust whom those are of. What a function gets is good at AWS, and for nothing here.
 */
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { ServiceError } from "../base/errors.ts";
import type { Clock } from "../base/clock.ts";
import type { ExecutionCredentials, ExecutionRoles, RoleWanted } from "./execution-roles.ts";

export interface ExternalRolesOptions {
  /** Of the token service. */
  readonly endpoint: string;
  readonly region: string;
  /** s that a session is good. */
  readonly sessionSeconds: number;
  readonly clock: Clock;
}

/** ms that a session is given to further environments of the same function. */
export const SHARED_MS = 60_000;
/** ms */
const DEADLINE = 30_000;
/** Functions whose sessions are remembered. */
const MOST = 1000;

interface Kept {
  readonly at: number;
  readonly credentials: Promise<ExecutionCredentials>;
}

export function externalRoles(options: ExternalRolesOptions): ExecutionRoles & { close(): void } {
  const { endpoint, region, sessionSeconds, clock } = options;
  const client = new STSClient({ endpoint, region, maxAttempts: 3 });
  const kept = new Map<string, Kept>();

  async function assume(role: string, functionName: string): Promise<ExecutionCredentials> {
    const command = new AssumeRoleCommand({
      RoleArn: role,
      RoleSessionName: functionName,
      DurationSeconds: sessionSeconds,
    });
    const answer = await client
      .send(command, { abortSignal: AbortSignal.timeout(DEADLINE) })
      .catch((cause: unknown) => {
        throw refused(cause);
      });
    const { AccessKeyId, SecretAccessKey, SessionToken } = answer.Credentials ?? {};
    if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined) {
      throw refused(new Error("the token service gave no credentials"));
    }
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  }

  function credentialsFor({ role, functionArn }: RoleWanted): Promise<ExecutionCredentials> {
    const functionName = functionArn.split(":")[6] ?? "";
    const name = `${role} ${functionArn}`;
    const now = clock();
    const known = kept.get(name);
    if (known !== undefined && now - known.at < SHARED_MS) return known.credentials;
    const credentials = assume(role, functionName);
    kept.delete(name);
    kept.set(name, { at: now, credentials });
    // What has failed is tried again by the next one.
    credentials.catch(() => kept.delete(name));
    const oldest = kept.size > MOST ? kept.keys().next().value : undefined;
    if (oldest !== undefined) kept.delete(oldest);
    return credentials;
  }

  return {
    async requireRole(wanted) {
      await credentialsFor(wanted);
    },
    credentialsFor,
    close: () => client.destroy(),
  };
}

/** The token service's refusal as Lambda says it; what keeps it from answering is a fault. */
function refused(cause: unknown): ServiceError {
  const { name, message } = cause as Error;
  const status = (cause as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0;
  if (status >= 400 && status < 500) {
    return new ServiceError(
      "InvalidParameterValueException",
      `The role defined for the function cannot be assumed by Lambda. (${name}: ${message})`,
      { cause },
    );
  }
  return new ServiceError("ServiceException", `The token service did not answer: ${message}`, { status: 500, cause });
}
