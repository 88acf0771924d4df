/** Whether a body has the shape that the description of Firecracker's API asks for. */
import { definitions, type Kind } from "./definitions.ts";

/** What is wrong with it; undefined where nothing is. */
export function faultOf(value: unknown, kind: Kind, at: string): string | undefined {
  if (kind === "string" || kind === "boolean") {
    return typeof value === kind ? undefined : `${at}: expected a ${kind}`;
  }
  if ("integer" in kind) {
    const [least, most] = kind.integer;
    const right = Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
    return right ? undefined : `${at}: expected an integer from ${least} to ${most}`;
  }
  if ("oneOf" in kind) {
    return typeof value === "string" && kind.oneOf.includes(value) ? undefined : `${at}: unknown variant`;
  }
  if ("list" in kind) {
    if (!Array.isArray(value)) return `${at}: expected a list`;
    return value.map((item, index) => faultOf(item, kind.list, `${at}[${index}]`)).find((fault) => fault !== undefined);
  }
  return objectFault(value, kind.object, at);
}

function objectFault(value: unknown, name: string, at: string): string | undefined {
  const definition = definitions[name];
  if (definition === undefined) throw new Error(`no definition ${name}`);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return `${at}: expected an object`;
  const { required, optional = {} } = definition;
  for (const field of Object.keys(required)) {
    if (!Object.hasOwn(value, field)) return `${at}: missing field \`${field}\``;
  }
  for (const [field, item] of Object.entries(value)) {
    const kind = required[field] ?? optional[field];
    if (kind === undefined) return `${at}: unknown field \`${field}\``;
    const fault = faultOf(item, kind, `${at}.${field}`);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
