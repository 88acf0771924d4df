import type { Functions } from "../../functions/contract.ts";
import type { Invoker } from "../../invoke/contract.ts";
import type { CodeDownload } from "./code-download.ts";

/** What the operations of the Lambda API work on. */
export interface LambdaDependencies {
  functions: Functions;
  invoker: Invoker;
  download: CodeDownload;
}
