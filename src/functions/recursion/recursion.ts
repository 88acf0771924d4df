/** `GetFunctionRecursionConfig` and `PutFunctionRecursionConfig` */
import type { Documents } from "../../store/contract.ts";
import { changeFunction, readFunction } from "../documents.ts";
import { functionNotFound } from "../errors.ts";
import type { RecursionConfigs } from "./contract.ts";

export function createRecursionConfigs(documents: Documents): RecursionConfigs {
  return {
    async get(scope, name) {
      const stored = await readFunction(documents, scope, name);
      if (!stored) throw functionNotFound(scope, name);
      return stored.value.recursiveLoop ?? "Terminate";
    },
    put: (scope, name, loop) =>
      changeFunction(documents, scope, name, (document) => ({
        document: { ...document, recursiveLoop: loop },
        result: loop,
      })),
  };
}
