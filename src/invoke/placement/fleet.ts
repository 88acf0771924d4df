import type { Scope } from "../../base/scope.ts";
import type { Environment, RetireReason } from "../../worker/contract.ts";
import type { Target } from "../contract.ts";

/** A call that waits for an environment. */
export interface Waiter {
  resolve(environment: Environment): void;
  reject(error: unknown): void;
  /** Of its wait. */
  timer?: NodeJS.Timeout;
}

/** The environments of one key, which is one version of a function with one configuration. */
export class Fleet {
  readonly key: string;
  readonly scope: Scope;
  readonly functionName: string;
  readonly version: string;
  readonly all = new Set<Environment>();
  /** Free environments, the one that was used last at the end: it is taken first, so that the others can go. */
  readonly idle: Environment[] = [];
  /** Provisioned environments that are initialised, */
  readonly provisioned = new Set<Environment>();
  /** and those of them that are free: calls take them first. */
  readonly provisionedIdle: Environment[] = [];
  /** In the order of their arrival. */
  readonly waiters: Waiter[] = [];
  /** What to start when a call waits: the latest that has been asked for, as good as any of this key. */
  target: Target | undefined;
  /** Why the last turn started nothing, as its calls are told; undefined after one that did. */
  starved: string | undefined;
  /** Calls at once that it has grown for already; falls with its environments. */
  grownTo = 0;
  /** Environments that are being started. */
  starting = 0;
  /** Environments that are being started, but not for calls: no call counts on them. */
  startingAhead = 0;
  /** No new environments are kept: the key is not the current one any more. */
  retired: RetireReason | undefined;

  constructor(key: string, scope: Scope, functionName: string, version: string) {
    this.key = key;
    this.scope = { account: scope.account, region: scope.region };
    this.functionName = functionName;
    this.version = version;
  }

  /** Environments that will be free in a moment without being started. */
  get settling(): number {
    let count = 0;
    for (const environment of this.all) if (environment.settling) count += 1;
    return count;
  }

  get empty(): boolean {
    return this.all.size === 0 && this.starting === 0 && this.startingAhead === 0 && this.waiters.length === 0;
  }

  /** The call that has waited longest; it waits no more. */
  nextWaiter(): Waiter | undefined {
    const waiter = this.waiters.shift();
    clearTimeout(waiter?.timer);
    return waiter;
  }

  /** Takes an environment out of the idle ones, wherever it is in there. */
  removeIdle(environment: Environment): void {
    for (const idle of [this.idle, this.provisionedIdle]) {
      const index = idle.lastIndexOf(environment);
      if (index !== -1) idle.splice(index, 1);
    }
  }
}
