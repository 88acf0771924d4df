/** Policies of layer versions: who may use them besides their owner. */
import type { Scope } from "../../base/scope.ts";
import { newId } from "../../base/ids.ts";
import { ServiceError } from "../../base/errors.ts";
import type { Documents } from "../../store/contract.ts";
import type { LayerPolicy, LayerStatement, LayerVersion, PermissionRemoval, PermissionRequest } from "./contract.ts";
import { changeLayerVersion, readLayerVersion } from "./documents.ts";
import { noSuchVersion, notFound } from "./errors.ts";
import { policyText } from "./policy-text.ts";

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, "Resource-based policy". */
const MAX_POLICY_BYTES = 20_480;

/**
 * Whether the policy gives an account other than the owner's the version. There are no organisations here, so a
 * statement for the accounts of one gives it to nobody.
 */
export function allows(policy: LayerPolicy | undefined, account: string): boolean {
  return (policy?.statements ?? []).some(
    ({ principal, organization }) =>
      organization === undefined &&
      (principal === "*" || principal === account || principal.endsWith(`::${account}:root`)),
  );
}

export async function policyOf(
  documents: Documents,
  owner: Scope,
  name: string,
  version: number,
): Promise<LayerPolicy> {
  const stored = await readLayerVersion(documents, owner, name, version);
  if (!stored) throw noSuchVersion(owner, name, version);
  const { policy } = stored.value;
  if (!policy) throw noPolicy();
  return policy;
}

/** `AddLayerVersionPermission`. Answers the policy that the statement is now the last of. */
export async function addPermission(
  documents: Documents,
  owner: Scope,
  name: string,
  version: number,
  request: PermissionRequest,
): Promise<LayerPolicy> {
  const {
    StatementId: id = "",
    Action: action = "",
    Principal: principal = "",
    OrganizationId: organization,
  } = request;
  const statement: LayerStatement = { id, action, principal, ...(organization ? { organization } : {}) };
  const { policy } = await changeLayerVersion(documents, owner, name, version, (current) => {
    const before = current.policy?.statements ?? [];
    if (before.some((other) => other.id === id)) throw statementExists(id);
    requireRevision(current, request.RevisionId);
    const changed: LayerPolicy = { revisionId: newId(), statements: [...before, statement] };
    requirePolicySize(policyText(owner, current, changed));
    return { ...current, policy: changed };
  });
  return policy;
}

/** `RemoveLayerVersionPermission` */
export async function removePermission(
  documents: Documents,
  owner: Scope,
  name: string,
  version: number,
  request: PermissionRemoval,
): Promise<void> {
  await changeLayerVersion(documents, owner, name, version, (current) => {
    requireRevision(current, request.RevisionId);
    const statements = current.policy?.statements ?? [];
    const left = statements.filter(({ id }) => id !== request.StatementId);
    if (left.length === statements.length) throw noStatement(request.StatementId);
    const { policy: _before, ...rest } = current;
    return left.length === 0 ? rest : { ...rest, policy: { revisionId: newId(), statements: left } };
  });
}

function requireRevision(version: LayerVersion, wanted: string | undefined): void {
  if (wanted === undefined || wanted === "" || wanted === version.policy?.revisionId) return;
  throw new ServiceError(
    "PreconditionFailedException",
    "The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the latest Revision Id",
    { status: 412 },
  );
}

function requirePolicySize(text: string): void {
  const size = Buffer.byteLength(text);
  if (size <= MAX_POLICY_BYTES) return;
  throw new ServiceError(
    "PolicyLengthExceededException",
    `The final policy size (${size}) is bigger than the limit (${MAX_POLICY_BYTES}).`,
  );
}

function statementExists(id: string): ServiceError {
  return new ServiceError(
    "ResourceConflictException",
    `The statement id (${id}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
    { status: 409 },
  );
}

function noStatement(id: string): ServiceError {
  return notFound(`Statement ${id} is not found in resource policy.`);
}

function noPolicy(): ServiceError {
  return notFound("No policy is associated with the given resource.");
}
