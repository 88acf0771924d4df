/** Code signing configurations, put together. */
import { create, functions, get, list, remove, update, type CodeSigningOptions } from "./configs.ts";
import type { CodeSigning } from "./contract.ts";
import { attach, attached, detach } from "./uses.ts";

export function createCodeSigning(options: CodeSigningOptions): CodeSigning {
  const { documents } = options;
  return {
    create: (scope, request) => create(options, scope, request),
    get: (scope, arn) => get(documents, scope, arn),
    update: (scope, arn, change) => update(options, scope, arn, change),
    remove: (scope, arn) => remove(documents, scope, arn),
    list: (scope, listOptions) => list(documents, scope, listOptions),
    functions: (scope, arn, listOptions) => functions(documents, scope, arn, listOptions),
    attach: (scope, name, arn) => attach(documents, scope, name, arn),
    detach: (scope, name) => detach(documents, scope, name),
    attached: (scope, name) => attached(documents, scope, name),
  };
}
