/** `PutFunctionEventInvokeConfig` and `UpdateFunctionEventInvokeConfig` */
import type { Clock } from "../../base/clock.ts";
import type { Documents, Stored } from "../../store/contract.ts";
import { findQualified } from "../aliases/qualified.ts";
import { changeFunction } from "../documents.ts";
import { invalidParameter } from "../errors.ts";
import { EVENT_INVOKE, qualifiedKey } from "../keys.ts";
import type { EventInvokeChange, EventInvokeDocument, EventInvokeSettings, EventInvokeTarget } from "./contract.ts";
import { checkedDestinations } from "./destinations.ts";
import { noSuchConfig, noSuchFunction } from "./errors.ts";

export interface EventInvokeOptions {
  documents: Documents;
  clock: Clock;
}

export async function put(
  options: EventInvokeOptions,
  target: EventInvokeTarget,
  settings: EventInvokeSettings,
): Promise<EventInvokeDocument> {
  return write(options, target, settings, () => ({}));
}

export async function update(
  options: EventInvokeOptions,
  target: EventInvokeTarget,
  change: EventInvokeChange,
): Promise<EventInvokeDocument> {
  return write(options, target, change, (stored) => {
    if (!stored) throw noSuchConfig(target);
    return stored.value;
  });
}

/** `base` gives the settings that stay where the request says nothing. */
async function write(
  { documents, clock }: EventInvokeOptions,
  target: EventInvokeTarget,
  change: EventInvokeChange,
  base: (stored: Stored<EventInvokeDocument> | undefined) => Partial<EventInvokeDocument>,
): Promise<EventInvokeDocument> {
  const { scope, name, qualifier } = target;
  const { MaximumRetryAttempts: attempts, MaximumEventAgeInSeconds: age, DestinationConfig: destinations } = change;
  if (attempts === undefined && age === undefined && destinations === undefined) {
    throw invalidParameter("You must specify at least one of error handling or destination setting.");
  }
  const key = qualifiedKey(scope, name, qualifier);
  return changeFunction<EventInvokeDocument>(
    documents,
    scope,
    name,
    async (document) => {
      if (!(await findQualified(documents, scope, name, qualifier))) throw noSuchFunction();
      const stored = await documents.get<EventInvokeDocument>(EVENT_INVOKE, key);
      const { onSuccess, onFailure, ...rest } = base(stored);
      const value: EventInvokeDocument = {
        ...rest,
        ...(attempts === undefined ? {} : { maximumRetryAttempts: attempts }),
        ...(age === undefined ? {} : { maximumEventAge: age }),
        ...(destinations
          ? await checkedDestinations(documents, target, destinations)
          : { ...(onSuccess === undefined ? {} : { onSuccess }), ...(onFailure === undefined ? {} : { onFailure }) }),
        qualifier,
        lastModified: clock(),
      };
      return {
        document,
        writes: [
          stored
            ? { op: "replace", kind: EVENT_INVOKE, key, value, version: stored.version }
            : { op: "create", kind: EVENT_INVOKE, key, value },
        ],
        result: value,
      };
    },
    noSuchFunction,
  );
}
