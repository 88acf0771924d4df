/**
 * The parameters of a query request as a tree: `Tags.member.1.Key=a` is the value `a` four steps down. A body is hostile:
 * neither its parameters nor their depth can cost more than the bounds say.
 */
import { isUtf8 } from "node:buffer";
import { ServiceError } from "../../../base/errors.ts";

export interface FormNode {
  value?: string;
  readonly children: Map<string, FormNode>;
}

/** More parameters than any request within AWS's limits has, and more steps than any shape. */
const most = { parameters: 20_000, depth: 32 };

/** Throws ServiceError MalformedInput. */
export function parseForm(parameters: Iterable<readonly [name: string, value: string]>): FormNode {
  const root: FormNode = { children: new Map() };
  let count = 0;
  for (const [name, value] of parameters) {
    count += 1;
    if (count > most.parameters) throw malformed(`A request has at most ${most.parameters} parameters.`);
    const steps = name.split(".", most.depth + 1);
    if (steps.length > most.depth) throw malformed(`A parameter's name has at most ${most.depth} parts.`);
    let node = root;
    for (const step of steps) {
      let next = node.children.get(step);
      if (next === undefined) node.children.set(step, (next = { children: new Map() }));
      node = next;
    }
    if (node.value !== undefined) throw malformed(`The parameter ${name.slice(0, 100)} is there more than once.`);
    node.value = value;
  }
  return root;
}

export function bodyParameters(body: Buffer): URLSearchParams {
  if (!isUtf8(body)) throw malformed("Invalid UTF-8");
  return new URLSearchParams(body.toString("utf8"));
}

export function malformed(message: string): ServiceError {
  return new ServiceError("MalformedInput", message);
}
