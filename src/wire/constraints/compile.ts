/**
 * Constraint table → one check per operation, compiled when the operation is first called. A check walks the typed input
 * and collects every violation; parts of the input that nothing constrains are not visited.
 */
import { ServiceError } from "../../base/errors.ts";
import type { Observed } from "../observed/observed.ts";
import { quoted } from "./render.ts";
import { entryRulesOf, isNumber, notNull, rulesOf, type Rule } from "./rules.ts";
import type { ConstraintShape, ConstraintTable } from "./table.ts";

/** Adds a sentence for each violation below `path`. */
type Check = (value: unknown, path: string, violations: string[]) => void;
export type InputCheck = (input: Record<string, unknown>) => void;

/** The check of an operation; undefined when the table does not know it. It throws ServiceError. */
export function createConstraints(
  table: ConstraintTable | undefined,
  observed: Observed,
): (operation: string) => InputCheck | undefined {
  const compile = table === undefined ? undefined : compiler(table, observed);
  return (operation) => {
    const input = table?.operations[operation];
    if (input === undefined || compile === undefined) return undefined;
    const check = compile(input);
    const late = observed.lateEnums.filter((entry) => entry.structure === input);
    return (value) => {
      const violations: string[] = [];
      check?.(value, "", violations);
      if (violations.length > 0) throw invalid(violations, observed.validationCode);
      for (const entry of late) checkLateEnum(value[entry.member], entry);
    };
  };
}

function invalid(violations: readonly string[], code: string): ServiceError {
  const count = violations.length;
  const message = `${count} validation error${count === 1 ? "" : "s"} detected: ${violations.join("; ")}`;
  return new ServiceError(code, message);
}

/** Some enums are checked by AWS's service rather than its front end, with a code and a sentence of their own. */
function checkLateEnum(value: unknown, entry: Observed["lateEnums"][number]): void {
  if (typeof value !== "string" || entry.known.includes(value) || value.startsWith("arn:")) return;
  const set = `Member must satisfy enum value set: [${entry.printed.join(", ")}] or be a valid ARN`;
  const shown = value.length > 1024 ? `${value.slice(0, 1024)}...` : value;
  throw new ServiceError(
    "InvalidParameterValueException",
    `Value ${shown} at '${lowerFirst(entry.member)}' failed to satisfy constraint: ${set}`,
  );
}

function compiler(table: ConstraintTable, observed: Observed): (shape: string) => Check | undefined {
  const known = new Map<string, { check: Check | undefined }>();

  function checkOf(name: string): Check | undefined {
    const before = known.get(name);
    // A shape that contains itself finds its own entry, which is filled by the time that a value is checked.
    if (before !== undefined) return before.check ?? ((value, path, out) => before.check?.(value, path, out));
    const entry: { check: Check | undefined } = { check: undefined };
    known.set(name, entry);
    entry.check = build(name, shapeOf(name));
    known.set(name, entry);
    return entry.check;
  }

  function shapeOf(name: string): ConstraintShape {
    const shape = table.shapes[name];
    if (shape === undefined) throw new TypeError(`the constraint table ${table.source} has no shape ${name}`);
    return shape;
  }

  function build(name: string, shape: ConstraintShape): Check | undefined {
    const printed = observed.enumOrder[name];
    const own = rulesOf(shape, printed);
    const checks = [
      isWhole(shape) ? wholeNumber(shape) : undefined,
      own.length > 0 ? valueCheck(own, shape) : undefined,
      inner(name, shape),
    ].filter((check) => check !== undefined);
    if (checks.length === 0) return undefined;
    return (value, path, out) => {
      for (const check of checks) check(value, path, out);
    };
  }

  function inner(name: string, shape: ConstraintShape): Check | undefined {
    if (shape.members !== undefined) return structureCheck(name, shape, shape.members);
    if (shape.member !== undefined) return listCheck(name, shape, shape.member);
    if (shape.value !== undefined) return mapCheck(shape, shape.key, shape.value);
    return undefined;
  }

  /** A member may print its enumeration in another way than its shape elsewhere. */
  function memberCheck(member: string, name: string): Check | undefined {
    const printed = observed.enumOrder[member];
    return printed === undefined ? checkOf(name) : valueCheck(rulesOf(shapeOf(name), printed), shapeOf(name));
  }

  function structureCheck(
    structure: string,
    shape: ConstraintShape,
    members: Readonly<Record<string, string>>,
  ): Check | undefined {
    const required = new Set(shape.required);
    const isLate = (member: string) =>
      observed.lateEnums.some((entry) => entry.structure === structure && entry.member === member);
    const checks = Object.entries(members)
      .map(([member, name]) => ({
        member,
        printed: lowerFirst(member),
        check: isLate(member) ? undefined : memberCheck(`${structure}.${member}`, name),
      }))
      .filter(({ member, check }) => check !== undefined || required.has(member));
    if (checks.length === 0) return undefined;
    return (value, path, out) => {
      const record = value as Record<string, unknown>;
      for (const { member, printed, check } of checks) {
        const at = path === "" ? printed : `${path}.${printed}`;
        const found = record[member];
        if (found !== undefined && found !== null) check?.(found, at, out);
        else if (required.has(member)) out.push(`Value null at '${at}' failed to satisfy constraint: ${notNull}`);
      }
    };
  }

  /** Simple entries are reported together with the whole list, structures each by their own place. */
  function listCheck(name: string, list: ConstraintShape, entryName: string): Check {
    const entry = shapeOf(entryName);
    const nullable = observed.nullableEntries.includes(name);
    if (!isSimple(entry)) {
      const check = checkOf(entryName);
      return (value, path, out) => {
        (value as unknown[]).forEach((element, index) => {
          const at = `${path}.${index + 1}.member`;
          if (element === null) out.push(`Value null at '${at}' failed to satisfy constraint: ${notNull}`);
          else check?.(element, at, out);
        });
      };
    }
    const rules = entryRulesOf(entry, observed.enumOrder[entryName]);
    const texts = [...rules.map((rule) => rule.text), ...(nullable ? [] : [notNull])];
    const sentence = observed.bareEntryEnums.includes(entryName)
      ? (rules[0]?.text ?? "")
      : `Member must satisfy constraint: [${texts.join(", ")}]`;
    return (value, path, out) => {
      if ((value as unknown[]).every((element) => satisfies(element, rules, nullable))) return;
      out.push(violation(value, path, list.sensitive === true || entry.sensitive === true, entry.type, sentence));
    };
  }

  function mapCheck(map: ConstraintShape, keyName: string | undefined, valueName: string): Check {
    const key = keyName === undefined ? undefined : shapeOf(keyName);
    const entry = shapeOf(valueName);
    const keyRules = key === undefined ? [] : entryRulesOf(key);
    const simple = isSimple(entry);
    const rules = simple ? entryRulesOf(entry) : [];
    const check = simple ? undefined : checkOf(valueName);
    const sensitive = [map, key, entry].some((shape) => shape?.sensitive === true);
    const keySentence = `Map keys must satisfy constraint: [${keyRules.map((rule) => rule.text).join(", ")}]`;
    const valueSentence = `Map value must satisfy constraint: [${[...rules.map((rule) => rule.text), notNull].join(", ")}]`;
    return (value, path, out) => {
      const entries = Object.entries(value as Record<string, unknown>);
      if (!entries.every(([name]) => satisfies(name, keyRules, false))) {
        out.push(violation(value, path, sensitive, entry.type, keySentence));
      }
      if (!entries.every(([, member]) => satisfies(member, rules, false))) {
        out.push(violation(value, path, sensitive, entry.type, valueSentence));
      }
      for (const [name, member] of entries) {
        if (member !== null) check?.(member, `${path}.${name}.member`, out);
      }
    };
  }

  return checkOf;
}

function valueCheck(rules: readonly Rule[], shape: ConstraintShape): Check {
  return (value, path, out) => {
    for (const rule of rules) {
      if (!rule.holds(value)) out.push(violation(value, path, shape.sensitive === true, shape.type, rule.text));
    }
  };
}

function violation(value: unknown, path: string, sensitive: boolean, type: string, text: string): string {
  return `Value${quoted(value, sensitive, type)} at '${path}' failed to satisfy constraint: ${text}`;
}

function satisfies(value: unknown, rules: readonly Rule[], nullable: boolean): boolean {
  return value === null ? nullable : rules.every((rule) => rule.holds(value));
}

function isSimple(shape: ConstraintShape): boolean {
  return shape.members === undefined && shape.member === undefined && shape.value === undefined;
}

function isWhole(shape: ConstraintShape): boolean {
  return isNumber(shape) && (shape.type === "integer" || shape.type === "long");
}

/** The SDK's schemas do not tell integers from doubles; the model does. */
function wholeNumber(shape: ConstraintShape): Check {
  const wanted = shape.type === "integer" ? "an Integer" : "a Long";
  const largest = shape.type === "integer" ? 2 ** 31 : 2 ** 63;
  return (value) => {
    const number = Number(value);
    if (Number.isInteger(number) && number < largest && number >= -largest) return;
    throw new ServiceError("SerializationException", `NUMBER_VALUE can not be converted to ${wanted}`);
  };
}

/** Paths in messages have the member names of AWS's own code: `functionName`, `kMSKeyArn`. */
function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
