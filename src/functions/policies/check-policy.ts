/**
 * Is this text a resource policy? The grammar of IAM
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html) as far as it concerns a policy that
 * is attached to a resource. Nothing deeper than the grammar allows passes, so that a stored policy is safe to walk.
 */
import { messageOf } from "../../base/errors.ts";
import { invalidParameter } from "../errors.ts";

type Members = Readonly<Record<string, unknown>>;

const versions = new Set<unknown>(["2012-10-17", "2008-10-17"]);
const policyMembers = new Set(["Version", "Id", "Statement"]);
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

/** Throws InvalidParameterValueException. */
export function checkPolicy(text: string): void {
  const policy = asMembers(parse(text), "The policy");
  refuseUnknown(policy, policyMembers, "The policy");
  if (policy["Version"] !== undefined && !versions.has(policy["Version"])) throw wrong("Version must be 2012-10-17.");
  if (policy["Id"] !== undefined && typeof policy["Id"] !== "string") throw wrong("Id must be a string.");
  const { Statement: statement } = policy;
  const statements: unknown[] = Array.isArray(statement) ? statement : [statement];
  if (statement === undefined || statements.length === 0) throw wrong("Statement is missing.");
  const ids = new Set<unknown>();
  for (const each of statements) {
    const { Sid: id } = checkedStatement(each);
    if (id !== undefined && ids.has(id)) throw wrong("Statement IDs (Sid) in a single policy must be unique.");
    ids.add(id);
  }
}

function checkedStatement(value: unknown): Members {
  const statement = asMembers(value, "A statement");
  refuseUnknown(statement, statementMembers, "A statement");
  const { Sid: id, Effect: effect } = statement;
  if (id !== undefined && typeof id !== "string") throw wrong("Sid must be a string.");
  if (effect !== "Allow" && effect !== "Deny") throw wrong("Effect must be Allow or Deny.");
  const principal = eitherOf(statement, "Principal");
  if (principal !== "*") {
    const kinds = Object.values(asMembers(principal, "Principal"));
    if (kinds.length === 0 || !kinds.every(isText)) throw wrong("Principal names nobody.");
  }
  for (const member of ["Action", "Resource"]) {
    if (!isText(eitherOf(statement, member))) throw wrong(`${member} must be a string or a list of strings.`);
  }
  checkCondition(statement["Condition"]);
  return statement;
}

/** `Action` or `NotAction`, and exactly one of them. */
function eitherOf(statement: Members, member: string): unknown {
  const [yes, no] = [statement[member], statement[`Not${member}`]];
  if ((yes === undefined) === (no === undefined)) {
    throw wrong(`A statement must have either ${member} or Not${member}.`);
  }
  return yes ?? no;
}

function checkCondition(condition: unknown): void {
  if (condition === undefined) return;
  for (const keys of Object.values(asMembers(condition, "Condition"))) {
    for (const values of Object.values(asMembers(keys, "An operator of Condition"))) {
      const list: unknown[] = Array.isArray(values) ? values : [values];
      if (!list.every((each) => ["string", "boolean", "number"].includes(typeof each))) {
        throw wrong("A value of Condition must be a string, a number, a boolean, or a list of these.");
      }
    }
  }
}

function isText(value: unknown): boolean {
  if (!Array.isArray(value)) return typeof value === "string" && value !== "";
  return value.length > 0 && value.every((each) => typeof each === "string" && each !== "");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw wrong(messageOf(error));
  }
}

function asMembers(value: unknown, what: string): Members {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw wrong(`${what} must be an object.`);
  return value as Members;
}

function refuseUnknown(members: Members, known: ReadonlySet<string>, what: string): void {
  const unknown = Object.keys(members).find((name) => !known.has(name));
  if (unknown !== undefined) throw wrong(`${what} has no member ${unknown.slice(0, 100)}.`);
}

function wrong(why: string) {
  return invalidParameter(`The provided policy is invalid: ${why}`);
}
