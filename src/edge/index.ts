export { createEdge, type Edge, type EdgeAddress, type EdgeOptions } from "./edge.ts";
export type { InternalHandler } from "./internal.ts";
export type { EdgeTls } from "./tls.ts";
export { defaultEdgeLimits, type EdgeLimits } from "./limits.ts";
