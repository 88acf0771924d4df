import type { Functions } from "../../functions/contract.ts";
import type { EventQueue, Invoker } from "../../invoke/contract.ts";
import type { Variables } from "./variables.ts";
import type { CodeDownload } from "./code-download.ts";

/** What the operations of the Lambda API work on. */
export interface LambdaDependencies {
  functions: Functions;
  invoker: Invoker;
  events: Pick<EventQueue, "accept">;
  download: CodeDownload;
  variables: Variables;
}
