export { constraintTables } from "./constraints/index.ts";
export { defaultWireLimits, type WireLimits } from "./limits.ts";
export { operationSchemas } from "./schema/operation.ts";
export { describeRoutes } from "./protocols/rest-json/index.ts";
export { createWire, type FaultedCall, type Wire, type WireOptions } from "./wire.ts";
