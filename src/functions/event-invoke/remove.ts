import type { Documents } from "../../store/contract.ts";
import { changeFunction } from "../documents.ts";
import { EVENT_INVOKE, qualifiedKey } from "../keys.ts";
import type { EventInvokeTarget } from "./contract.ts";
import { noSuchConfig } from "./errors.ts";

/** `DeleteFunctionEventInvokeConfig` */
export async function remove(documents: Documents, target: EventInvokeTarget): Promise<void> {
  const { scope, name, qualifier } = target;
  const key = qualifiedKey(scope, name, qualifier);
  const missing = () => noSuchConfig(target);
  await changeFunction(
    documents,
    scope,
    name,
    async (document) => {
      if (!(await documents.get(EVENT_INVOKE, key))) throw missing();
      return { document, writes: [{ op: "remove", kind: EVENT_INVOKE, key }], result: undefined };
    },
    missing,
  );
}
