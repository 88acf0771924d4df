/** Queue URLs: `http://host:port/ACCOUNT/NAME`, with the host as the client reached Kiln. */
import type { Scope } from "../../base/scope.ts";
import { ServiceError } from "../../base/errors.ts";
import { missingParameter, queueDoesNotExist } from "../../queues/errors.ts";
import type { CallContext } from "../../wire/contract.ts";

export interface NamedQueue {
  scope: Scope;
  name: string;
}

export function queueUrl({ endpoint }: CallContext, account: string, name: string): string {
  return `${endpoint}/${account}/${name}`;
}

export function scopeOf({ caller: { account, region } }: CallContext): Scope {
  return { account, region };
}

/**
 * Which queue a URL means, of whatever account, and whatever host it names: clients keep URLs across restarts. Throws
 * SQS's errors.
 */
export function namedQueue(context: CallContext, url: string | undefined): NamedQueue {
  if (url === undefined || url === "") throw missingParameter("QueueUrl");
  const match = /(?:^|\/)(\d{12})\/([A-Za-z0-9_-]{1,80}(?:\.fifo)?)\/?$/.exec(url);
  const [, account, name] = match ?? [];
  if (account === undefined || name === undefined) {
    throw new ServiceError("InvalidAddress", `The address ${url} is not valid for this endpoint.`, { status: 404 });
  }
  return { scope: { account, region: context.caller.region }, name };
}

/** For the operations that AWS lets no other account do, whatever the queue's policy says. */
export function ownQueue(context: CallContext, url: string | undefined): NamedQueue {
  const queue = namedQueue(context, url);
  if (queue.scope.account !== context.caller.account) throw queueDoesNotExist();
  return queue;
}
