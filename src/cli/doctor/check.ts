import type { RootSettings } from "../../security/keys/index.ts";

/** One thing that the doctor looks at. */
export interface Finding {
  name: string;
  /** `missing`: Kiln cannot run. `warning`: it runs, with a drawback. `info`: nothing to do. */
  status: "ok" | "missing" | "warning" | "info";
  detail: string;
  /** What to do about it: one sentence or command. */
  todo?: string;
}

export interface Places {
  stateDir: string;
  runtimesDir: string;
  runDir: string;
  keyFile: string;
  keyRoot: RootSettings;
  audit: { keyFile: string; earlierKeyFile: string };
}
