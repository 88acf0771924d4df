/** AWS restJson1: method and path say the operation. https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html */
import { ServiceError } from "../../../base/errors.ts";
import type { Protocol } from "../protocol.ts";
import { writeRestError } from "./error.ts";
import { createInputReader } from "./input.ts";
import { createOutputWriter } from "./output.ts";
import { createRouter } from "./router.ts";

export { describeRoutes } from "./router.ts";

export const restJson: Protocol = {
  name: "rest-json",
  bind({ operations, errorShape, bounds }) {
    const router = createRouter(
      operations.flatMap((operation) => {
        const { http, name } = operation;
        if (http === undefined) return [];
        const read = createInputReader(operation, bounds);
        return [{ http, target: { name, read, write: createOutputWriter(operation) } }];
      }),
    );
    return {
      route(request) {
        const match = router.match(request);
        if (match === undefined) return undefined;
        const { name, read, write } = match.target;
        return { name, write, read: (body) => read(request, match, body) };
      },
      writeError: (error, requestId) => writeRestError(error, errorShape(error.code), requestId),
      // AWS's status; it sends an XML element without text, which no JSON client can read.
      unknownOperation: ({ method, path }) =>
        new ServiceError("UnknownOperationException", `No operation for ${method} ${path.slice(0, 256)}`, {
          status: 404,
        }),
    };
  },
};
