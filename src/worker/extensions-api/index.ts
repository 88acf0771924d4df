export { extensionRoute, EXTENSION_PATH } from "./routes.ts";
export { Extensions, MOST_EXTENSIONS } from "./extensions.ts";
export type { ExtensionFacts, FunctionFacts, InvokeNotice, ShutdownReason } from "./extensions.ts";
