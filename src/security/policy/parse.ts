/** Text → checked policy. The messages are those of IAM's MalformedPolicyDocument. */
import { parseConditions } from "./parse-conditions.ts";
import { parsePrincipals } from "./parse-principals.ts";
import { listOf, membersOf, syntax, textsOf, type Members } from "./json.ts";
import { PolicyError, type Choice, type PolicyDocument, type PolicyKind, type Statement } from "./document.ts";

const documentMembers = new Set(["Version", "Id", "Statement"]);
const statementMembers = new Set([
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
]);

/** Characters that any policy may have: more than AWS takes of any kind. */
const longest = 131_072;

/** Throws PolicyError. */
export function parsePolicy(text: string, kind: PolicyKind): PolicyDocument {
  if (text.length > longest) throw new PolicyError(`The policy is longer than ${longest} characters.`);
  const document = membersOf(fromJson(text), documentMembers);
  const version = document["Version"] ?? "2008-10-17";
  if (version !== "2012-10-17" && version !== "2008-10-17") throw syntax();
  const id = document["Id"];
  if (id !== undefined && typeof id !== "string") throw syntax();
  const list = listOf(document["Statement"]);
  if (list.length === 0) throw syntax();
  const statements = list.map((statement) => parseStatement(statement, kind));
  const sids = statements.flatMap(({ sid }) => (sid === undefined || sid === "" ? [] : [sid]));
  if (new Set(sids).size < sids.length) {
    throw new PolicyError("Statement IDs (SID) in a single policy must be unique.");
  }
  return { version, id, statements };
}

/** Why AWS would not take it; undefined for a policy. */
export function policyProblem(text: string, kind: PolicyKind): string | undefined {
  try {
    parsePolicy(text, kind);
    return undefined;
  } catch (error) {
    if (error instanceof PolicyError) return error.message;
    throw error;
  }
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new PolicyError("This policy contains invalid Json");
  }
}

function parseStatement(value: unknown, kind: PolicyKind): Statement {
  const statement = membersOf(value, statementMembers);
  const sid = statement["Sid"];
  if (sid !== undefined && (typeof sid !== "string" || (kind !== "resource" && !/^[0-9A-Za-z]*$/.test(sid)))) {
    throw new PolicyError(
      `Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*`,
    );
  }
  const effect = statement["Effect"];
  if (effect === undefined) throw new PolicyError("Missing required field Effect");
  if (effect !== "Allow" && effect !== "Deny") throw syntax();
  return {
    sid,
    effect,
    principals: checkedPrincipals(statement, kind),
    actions: checkedActions(statement, kind),
    resources: checkedResources(statement, kind),
    conditions: parseConditions(statement["Condition"]),
  };
}

function checkedPrincipals(statement: Members, kind: PolicyKind): Statement["principals"] {
  const principals = parsePrincipals(statement["Principal"], statement["NotPrincipal"]);
  if (kind === "identity" && principals !== undefined) {
    throw new PolicyError("Policy document should not specify a principal.");
  }
  if (kind !== "identity" && principals === undefined) throw new PolicyError("Missing required field Principal");
  if (kind === "trust" && principals?.not === true) throw new PolicyError("Has prohibited field NotPrincipal");
  return principals;
}

const actionForm = /^(\*|(\*|[a-zA-Z0-9-]+):[a-zA-Z0-9*?._-]+)$/;

function checkedActions(statement: Members, kind: PolicyKind): Choice<string> {
  const actions = choice(statement, "Action");
  if (actions === undefined || actions.entries.length === 0) {
    throw new PolicyError(
      kind === "trust" ? "Missing required field Action" : "Policy statement must contain actions.",
    );
  }
  for (const action of actions.entries) {
    if (actionForm.test(action)) continue;
    if (!action.includes(":")) {
      throw new PolicyError("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    }
    throw new PolicyError(`Vendor ${(action.split(":")[0] ?? "").slice(0, 64)} is not valid`);
  }
  if (kind === "trust" && (actions.not || !actions.entries.every((action) => /^(\*|sts:.*)$/i.test(action)))) {
    throw new PolicyError("AssumeRole policy may only specify STS AssumeRole actions.");
  }
  return actions;
}

function checkedResources(statement: Members, kind: PolicyKind): Statement["resources"] {
  const resources = choice(statement, "Resource");
  if (kind === "trust") {
    if (resources !== undefined) throw new PolicyError("Has prohibited field Resource");
    return undefined;
  }
  if (resources === undefined || resources.entries.length === 0) {
    throw new PolicyError("Policy statement must contain resources.");
  }
  for (const resource of resources.entries) {
    // `${…}` may stand for a part that has colons.
    if (resource === "*" || (resource.startsWith("arn:") && resource.split(":").length >= 6) || resource === "arn:*")
      continue;
    if (/^arn:.*[*}]/.test(resource)) continue;
    throw new PolicyError(`Resource ${resource.slice(0, 200)} must be in ARN format or "*".`);
  }
  return resources;
}

/** `Name` or `NotName`; both are one too many. */
function choice(statement: Members, name: string): Choice<string> | undefined {
  const [yes, no] = [statement[name], statement[`Not${name}`]];
  if (yes !== undefined && no !== undefined) throw syntax();
  if (yes === undefined && no === undefined) return undefined;
  return { not: no !== undefined, entries: textsOf(yes ?? no) };
}
