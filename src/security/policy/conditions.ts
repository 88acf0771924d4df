/**
 * Conditions of a statement: all of them have to hold; of the values of one, any (with `…Not…`: none) has to.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
 */
import type { ConditionKeys } from "./context.ts";
import type { Condition } from "./document.ts";
import { operators, type Comparison } from "./operators.ts";

export type Test = (keys: ConditionKeys) => boolean;

export function compileCondition(condition: Condition, variables: boolean): Test {
  const { operator: name, set, ifExists, key, values } = condition;
  const operator = operators[name];
  if (operator === undefined) throw new TypeError(`there is no operator ${name}`);
  if (name === "Null") return nullTest(key, values);
  const comparisons = values.map((value) => operator.prepare(value, variables));
  const holds = holdsFor(comparisons, operator.negated);
  if (set === "all") {
    return (keys) => (keys(key) ?? []).every((value) => holds(value, keys));
  }
  if (set === "any") {
    return (keys) => {
      const actual = keys(key);
      return actual === undefined ? ifExists : actual.some((value) => holds(value, keys));
    };
  }
  return (keys) => {
    const actual = keys(key);
    if (actual === undefined) return ifExists || operator.negated;
    return operator.negated ? actual.every((value) => holds(value, keys)) : actual.some((value) => holds(value, keys));
  };
}

function holdsFor(comparisons: readonly Comparison[], negated: boolean): Comparison {
  return (value, keys) => comparisons.some((compare) => compare(value, keys)) !== negated;
}

/** `true`: the key is not there. */
function nullTest(key: string, values: readonly string[]): Test {
  const wanted = values.map((value) => value.toLowerCase());
  return (keys) => wanted.includes(String(keys(key) === undefined));
}
