/** `GetFunctionEventInvokeConfig` and `ListFunctionEventInvokeConfigs` */
import type { Scope } from "../../base/scope.ts";
import type { Documents } from "../../store/contract.ts";
import type { ListOptions } from "../contract.ts";
import { readFunction } from "../documents.ts";
import { EVENT_INVOKE, functionKey, qualifiedKey } from "../keys.ts";
import type { EventInvokeDocument, EventInvokeListing, EventInvokeTarget } from "./contract.ts";
import { noSuchConfig, noSuchFunction } from "./errors.ts";

export async function find(
  documents: Documents,
  { scope, name, qualifier }: EventInvokeTarget,
): Promise<EventInvokeDocument | undefined> {
  return (await documents.get<EventInvokeDocument>(EVENT_INVOKE, qualifiedKey(scope, name, qualifier)))?.value;
}

export async function get(documents: Documents, target: EventInvokeTarget): Promise<EventInvokeDocument> {
  const found = await find(documents, target);
  if (!found) throw noSuchConfig(target);
  return found;
}

export async function list(
  documents: Documents,
  scope: Scope,
  name: string,
  { limit, after }: ListOptions,
): Promise<EventInvokeListing> {
  if (!(await readFunction(documents, scope, name))) throw noSuchFunction();
  const { items, next } = await documents.list<EventInvokeDocument>(EVENT_INVOKE, `${functionKey(scope, name)}/`, {
    limit,
    ...(after === undefined ? {} : { after: qualifiedKey(scope, name, after) }),
  });
  const last = items.at(-1);
  return {
    items: items.map(({ value }) => value),
    ...(next === undefined || !last ? {} : { next: last.value.qualifier }),
  };
}
