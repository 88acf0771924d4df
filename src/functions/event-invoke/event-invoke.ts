/** Settings of asynchronous calls, put together. */
import type { EventInvokeConfigs } from "./contract.ts";
import { find, get, list } from "./read.ts";
import { remove } from "./remove.ts";
import { createEventSettings } from "./settings.ts";
import { put, update, type EventInvokeOptions } from "./write.ts";

export function createEventInvokeConfigs(options: EventInvokeOptions): EventInvokeConfigs {
  const { documents } = options;
  const settings = createEventSettings(documents);
  return {
    put: (target, settings) => put(options, target, settings),
    update: (target, change) => update(options, target, change),
    get: (target) => get(documents, target),
    find: (target) => find(documents, target),
    list: (scope, name, listOptions) => list(documents, scope, name, listOptions),
    remove: (target) => remove(documents, target),
    settings: settings.of,
    close: settings.close,
  };
}
