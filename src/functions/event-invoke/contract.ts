/** What happens to events of asynchronous calls: what the rest of Kiln may ask of it. */
import type {
  PutFunctionEventInvokeConfigRequest,
  UpdateFunctionEventInvokeConfigRequest,
} from "@aws-sdk/client-lambda";
import type { EventSettingsOf } from "../../invoke/contract.ts";
import type { Scope } from "../../base/scope.ts";
import type { ListOptions } from "../contract.ts";

/** Settings of one function, version or alias as they are stored; what is absent has AWS's default. */
export interface EventInvokeDocument {
  /** `$LATEST`, a number, or the name of an alias. */
  qualifier: string;
  /** 0 to 2; default 2. */
  maximumRetryAttempts?: number;
  /** Seconds, 60 to 21,600; default 21,600. */
  maximumEventAge?: number;
  /** ARN of where results of successful calls go. */
  onSuccess?: string;
  /** ARN of where failed events go. */
  onFailure?: string;
  /** ms since the epoch. */
  lastModified: number;
}

export interface EventInvokeTarget {
  scope: Scope;
  name: string;
  /** `$LATEST`, a number, or the name of an alias. */
  qualifier: string;
}

export type EventInvokeSettings = Omit<PutFunctionEventInvokeConfigRequest, "FunctionName" | "Qualifier">;
export type EventInvokeChange = Omit<UpdateFunctionEventInvokeConfigRequest, "FunctionName" | "Qualifier">;

export interface EventInvokeListing {
  items: EventInvokeDocument[];
  /** Qualifier of the last item; pass as `after` to go on. Absent on the last page. */
  next?: string;
}

/** Everything but `find` and `settings` throws ServiceError with AWS's code and message. */
export interface EventInvokeConfigs {
  /** Takes the place of what was there. */
  put(target: EventInvokeTarget, settings: EventInvokeSettings): Promise<EventInvokeDocument>;
  /** Members that are absent stay as they are. */
  update(target: EventInvokeTarget, change: EventInvokeChange): Promise<EventInvokeDocument>;
  get(target: EventInvokeTarget): Promise<EventInvokeDocument>;
  find(target: EventInvokeTarget): Promise<EventInvokeDocument | undefined>;
  /** For the pollers of events; kept in memory until a document of the function changes. */
  readonly settings: EventSettingsOf;
  /** In the order of qualifiers. */
  list(scope: Scope, name: string, options: ListOptions): Promise<EventInvokeListing>;
  remove(target: EventInvokeTarget): Promise<void>;
  close(): void;
}
