/**
 * AWS Query: a form with the operation in `Action`, and XML back. POST has it in the body, which is not read when a
 * request is routed: such an operation is chosen once it is. A presigned GET has all of it in its query.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
import { ServiceError } from "../../../base/errors.ts";
import { headerOf, type WireRequest } from "../../http/request.ts";
import type { QueryVersion } from "../../contract.ts";
import type { OperationSchema } from "../../schema/operation.ts";
import { requestIdHeader, type Answer, type BoundOperation, type Protocol } from "../protocol.ts";
import { writeQueryError } from "./error.ts";
import { bodyParameters, malformed, parseForm, type FormNode } from "./form.ts";
import { createFormReader } from "./input.ts";
import { namesOfTable, namesOfTraits, type Names } from "./names.ts";
import { createXmlWriter, element } from "./xml.ts";

interface QueryOperation {
  readonly name: string;
  readonly read: (form: FormNode) => Record<string, unknown>;
  readonly write: BoundOperation["write"];
}

const formType = "application/x-www-form-urlencoded";

export const query: Protocol = {
  name: "query",
  bind({ operations, errorShape, query: version, queryCodes }) {
    if (version === undefined) throw new TypeError("a service of the query protocol says its version and namespace");
    const { xmlNamespace, flattened, ofPath } = version;
    const names = flattened === undefined ? namesOfTraits : namesOfTable(flattened);
    const bound = new Map(
      operations.map((operation) => [operation.name, bindOperation(operation, xmlNamespace, names)]),
    );

    function chosen(form: FormNode, path: string): BoundOperation {
      if (ofPath !== undefined && path !== "/" && !form.children.has(ofPath.parameter))
        form.children.set(ofPath.parameter, { value: path, children: new Map() });
      const action = form.children.get("Action")?.value;
      const asked = form.children.get("Version")?.value ?? version?.version;
      if (action === undefined) throw new ServiceError("MissingAction", "The request has no Action.");
      const found = asked === version?.version ? bound.get(action) : undefined;
      if (found === undefined) {
        const shown = `${action.slice(0, 128)} for version ${asked?.slice(0, 32)}`;
        throw new ServiceError("InvalidAction", `Could not find operation ${shown}`);
      }
      return { name: found.name, write: found.write, read: () => found.read(form) };
    }

    return {
      route(request) {
        if (!isForm(request, version)) return undefined;
        return request.method === "POST" ? inBody(request, chosen) : inQuery(request, chosen);
      },
      writeError: (error, requestId) =>
        writeQueryError(error, errorShape(error.code), requestId, xmlNamespace, queryCodes?.[error.code]),
      unknownOperation: () => new ServiceError("MissingAction", "The request is no form with an Action."),
    };
  },
};

/** Whether a request is one of this protocol; which operation it means is not known before its form is read. */
export function isForm(request: WireRequest, { ofPath }: Pick<QueryVersion, "ofPath">): boolean {
  if (request.path !== "/" && ofPath?.pattern.test(request.path) !== true) return false;
  if (request.method === "GET" || request.method === "HEAD") return request.parameters().has("Action");
  const type = headerOf(request.headers, "content-type") ?? "";
  return request.method === "POST" && type.toLowerCase().startsWith(formType);
}

type Choose = (form: FormNode, path: string) => BoundOperation;

function inQuery(request: WireRequest, choose: Choose): BoundOperation {
  return unchosen(() => choose(parseForm(request.parameters()), request.path));
}

/** Parameters in the query of a POST count as well; in both places is once too often. */
function inBody(request: WireRequest, choose: Choose): BoundOperation {
  return unchosen((body) => choose(parseForm([...request.parameters(), ...bodyParameters(body)]), request.path));
}

function early(): never {
  throw new TypeError("an operation of the query protocol is chosen before it is used");
}

function unchosen(choose: (body: Buffer) => BoundOperation): BoundOperation {
  return { name: "", read: early, write: early, choose };
}

function bindOperation({ name, input, output }: OperationSchema, xmlNamespace: string, names: Names): QueryOperation {
  const read = input.isUnitSchema() ? () => ({}) : createFormReader(input, names);
  const write = output.isUnitSchema() ? undefined : createXmlWriter(output, names);
  return {
    name,
    read: (form) => {
      const value = read(form);
      if (typeof value !== "object" || value === null) throw malformed("The input is no structure.");
      return value as Record<string, unknown>;
    },
    write: (value, requestId): Answer => ({
      status: 200,
      headers: { [requestIdHeader]: requestId, "content-type": "text/xml" },
      body:
        `<${name}Response xmlns="${xmlNamespace}">${write === undefined ? "" : element(`${name}Result`, write(value))}` +
        `${element("ResponseMetadata", element("RequestId", requestId))}</${name}Response>`,
    }),
  };
}
