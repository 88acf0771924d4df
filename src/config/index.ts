export type { Config, Isolation } from "./config.ts";
export { instanceName } from "./instance.ts";
export { loadConfig, type Overrides } from "./load.ts";
