/**
 * Who may import whom, by the folder below `src`. A folder may always import itself and `base`; `x/contract` means only
 * the contract of that folder (`src/x/contract.ts`); `x` means all of it. `main.ts` and `compose/`, its parts, may import
 * everything; nothing but `main.ts` imports `compose`.
 * Test files may import anything that they put together.
 */
export const importTable: Readonly<Record<string, readonly string[]>> = {
  base: [],
  config: [],
  store: [],
  wire: ["security/contract"],
  edge: ["wire/contract"],
  security: ["wire/contract", "store/contract"],
  identity: ["security", "store/contract", "wire/contract"],
  artifacts: ["store/contract"],
  sandbox: [],
  worker: ["sandbox/contract", "artifacts/contract"],
  invoke: ["worker/contract", "sandbox/contract", "store/contract", "queues/contract"],
  functions: ["store/contract", "artifacts/contract", "invoke/contract", "worker/contract", "sandbox/contract"],
  queues: ["store/contract"],
  kms: ["store/contract"],
  sources: ["queues/contract", "invoke/contract", "store/contract"],
  observability: ["worker/contract", "invoke/contract", "sources/contract", "store/contract"],
  // `security/contract`: function URLs are called without the wire, and ask by themselves whether a caller may.
  services: [
    "wire/contract",
    "security/contract",
    "identity",
    "functions",
    "queues",
    "kms",
    "invoke/contract",
    "artifacts/contract",
    "observability/contract",
  ],
  cli: ["config", "main", "artifacts", "sandbox", "security", "observability/contract"],
};
