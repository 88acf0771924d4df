export {
  bothOf,
  compilePolicy,
  createPolicyCompiler,
  grantTo,
  type CompiledPolicy,
  type PolicyCompiler,
} from "./compile.ts";
export type { ConditionKeys, PolicyPrincipal, PolicyRequest } from "./context.ts";
export { PolicyError, type PolicyDocument, type PolicyKind, type Statement } from "./document.ts";
export { evaluate, reasonOf, type Decision, type Layer, type Policies, type ResourceFacts } from "./evaluate.ts";
export { parsePolicy, policyProblem } from "./parse.ts";
