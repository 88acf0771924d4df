export { CODE_PATH, codeDownload, type CodeDownload, type CodeDownloadOptions } from "./code-download.ts";
export { lambdaService, type LambdaServiceOptions } from "./service.ts";
