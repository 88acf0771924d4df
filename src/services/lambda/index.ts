export { INVOKE_TARGET } from "./invoke.ts";
export { CODE_PATH, codeDownload, type CodeDownload, type CodeDownloadOptions } from "./code-download.ts";
export { clearVariables, createVariables } from "./variables.ts";
export { lambdaService, type LambdaServiceOptions } from "./service.ts";
