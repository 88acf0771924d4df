/** Whether a function may call itself without end through queues and topics: kept for the detection of such loops. */
import type { RecursiveLoop } from "@aws-sdk/client-lambda";
import type { Scope } from "../../base/scope.ts";

/** Both throw ResourceNotFoundException. */
export interface RecursionConfigs {
  get(scope: Scope, name: string): Promise<RecursiveLoop>;
  put(scope: Scope, name: string, loop: RecursiveLoop): Promise<RecursiveLoop>;
}
