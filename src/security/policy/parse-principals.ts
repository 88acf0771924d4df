/** `Principal` and `NotPrincipal` of a statement. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html */
import { PolicyError, type Choice, type PrincipalEntry } from "./document.ts";
import { membersOf, syntax, textsOf } from "./json.ts";

const types = new Set(["AWS", "Service", "Federated", "CanonicalUser"]);

export function parsePrincipals(yes: unknown, no: unknown): Choice<PrincipalEntry> | undefined {
  if (yes !== undefined && no !== undefined) throw syntax();
  if (yes === undefined && no === undefined) return undefined;
  const value = yes ?? no;
  if (typeof value === "string") {
    if (value !== "*") throw invalid(value);
    return { not: no !== undefined, entries: [{ type: "*", value }] };
  }
  const entries = Object.entries(membersOf(value, types)).flatMap(([type, values]) =>
    textsOf(values).map((each): PrincipalEntry => checked(type as PrincipalEntry["type"], each)),
  );
  if (entries.length === 0) throw syntax();
  return { not: no !== undefined, entries };
}

const account = /^\d{12}$/;
/** Of users, roles, sessions, and of accounts (`root`). Wildcards would match what nobody has looked at. */
const arn = /^arn:aws[a-z-]*:(iam|sts)::\d{12}:(root|(user|role|assumed-role|federated-user)\/[^*?]+)$/;
/** Users and roles as policies are kept, and `AROA…:NAME` for sessions. */
const uniqueId = /^A(IDA[A-Z0-9]{12,}|ROA[A-Z0-9]{12,}(:[\w+=,.@-]{2,64})?)$/;
const service = /^[a-zA-Z0-9.-]+\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal)$/;

function checked(type: PrincipalEntry["type"], value: string): PrincipalEntry {
  if (value === "*") return { type: type === "AWS" ? "*" : type, value };
  const good =
    type === "AWS"
      ? account.test(value) || arn.test(value) || uniqueId.test(value)
      : type !== "Service" || service.test(value);
  if (!good || value === "") throw invalid(`"${type}":"${value.slice(0, 200)}"`);
  return { type, value };
}

function invalid(shown: string): PolicyError {
  return new PolicyError(`Invalid principal in policy: ${shown}`);
}
