/** `Condition` of a statement. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
import { operators } from "./operators.ts";
import { PolicyError, type Condition } from "./document.ts";
import { membersOf, syntax } from "./json.ts";

const byLowerCase = new Map(Object.keys(operators).map((name) => [name.toLowerCase(), name]));
const form = /^(?:(forallvalues|foranyvalue):)?([a-z]+?)(ifexists)?$/;

export function parseConditions(value: unknown): Condition[] {
  if (value === undefined) return [];
  return Object.entries(membersOf(value)).flatMap(([name, keys]) => {
    const [, set, base = "", ifExists] = form.exec(name.toLowerCase()) ?? [];
    const operator = byLowerCase.get(base);
    if (operator === undefined || (operator === "Null" && ifExists !== undefined)) throw syntax();
    return Object.entries(membersOf(keys)).map(([key, values]): Condition => {
      if (!/^[^:]+:.+$/.test(key)) {
        throw new PolicyError("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
      }
      return {
        operator,
        set: set === undefined ? undefined : set === "forallvalues" ? "all" : "any",
        ifExists: ifExists !== undefined,
        key: key.toLowerCase(),
        values: valuesOf(values),
      };
    });
  });
}

function valuesOf(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map((each) => {
    if (typeof each !== "string" && typeof each !== "boolean" && typeof each !== "number") throw syntax();
    return String(each);
  });
}
