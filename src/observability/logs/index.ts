export { createFunctionLogs, type FunctionLogs, type FunctionLogsOptions } from "./function-logs.ts";
export type { LogLoss } from "./loss.ts";
