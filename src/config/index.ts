export type { Config, Isolation } from "./config.ts";
export { loadConfig, type Overrides } from "./load.ts";
