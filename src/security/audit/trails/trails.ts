/** The trails of all accounts, and the clock that makes them deliver. */
import type { Clock } from "../../../base/clock.ts";
import { KilnError, messageOf } from "../../../base/errors.ts";
import { StoreConflict, type Documents } from "../../../store/contract.ts";
import type { Trail, Trails, TrailStatus } from "./contract.ts";
import { deliver, type DeliveryOptions } from "./deliver.ts";
import { removeProgress } from "./progress.ts";

const KIND = "trail";

export interface TrailsOptions extends DeliveryOptions {
  readonly documents: Documents;
  readonly deliveryMs: number;
  readonly recordsDataEvents: boolean;
  readonly clock: Clock;
}

export interface RunningTrails extends Trails {
  start(): void;
  /** Every trail has what there is. For tests, and before a trail stops. */
  deliverNow(): Promise<void>;
  close(): Promise<void>;
}

export function createTrails(options: TrailsOptions): RunningTrails {
  const { documents, clock, log, key, report } = options;
  const statuses = new Map<string, TrailStatus>();
  let timer: NodeJS.Timeout | undefined;
  let line: Promise<void> = Promise.resolve();

  async function all(prefix: string): Promise<Trail[]> {
    const found: Trail[] = [];
    let after: string | undefined;
    do {
      const page = await documents.list<Trail>(KIND, prefix, {
        limit: 1000,
        ...(after === undefined ? {} : { after }),
      });
      found.push(...page.items.map(({ value }) => value));
      after = page.next;
    } while (after !== undefined);
    return found;
  }

  async function step(trail: Trail): Promise<void> {
    const at = clock();
    const before = statuses.get(nameOf(trail)) ?? {};
    try {
      const { files, digest } = await deliver(trail, at, options);
      const { error: _error, ...rest } = before;
      const delivered = files > 0 ? { deliveredAt: at, attemptedAt: at } : {};
      statuses.set(nameOf(trail), { ...rest, ...delivered, ...(digest ? { digestedAt: at } : {}) });
    } catch (error) {
      statuses.set(nameOf(trail), { ...before, attemptedAt: at, error: messageOf(error) });
      const words = `The trail ${trail.name} could not deliver to ${trail.bucket}.`;
      report(new KilnError("AUDIT_TRAIL_FAILED", words, { cause: error, hint: "It is tried again." }));
    }
  }

  /** One after the other: two steps of one trail at once would write the same file. */
  function inLine(work: () => Promise<void>): Promise<void> {
    const done = line.then(work);
    line = done.catch(report);
    return done;
  }

  function deliverNow(): Promise<void> {
    return inLine(async () => {
      for (const trail of await all("")) if (trail.logging) await step(trail);
    });
  }

  return {
    get: async (account, region, name) => (await documents.get<Trail>(KIND, `${account}/${region}/${name}`))?.value,
    list: (account) => all(`${account}/`),
    async create(trail) {
      try {
        await documents.create(KIND, nameOf(trail), trail);
        return true;
      } catch (error) {
        if (error instanceof StoreConflict) return false;
        throw error;
      }
    },
    async change(account, region, name, change) {
      for (;;) {
        const found = await documents.get<Trail>(KIND, `${account}/${region}/${name}`);
        if (found === undefined) return undefined;
        const next = change(found.value);
        // What it was told so far is delivered before it is told of no more.
        if (found.value.logging && !next.logging) await inLine(() => step(found.value));
        try {
          await documents.replace(KIND, found.key, next, found.version);
          return next;
        } catch (error) {
          if (!(error instanceof StoreConflict)) throw error;
        }
      }
    },
    async remove(trail) {
      await documents.remove(KIND, nameOf(trail));
      await inLine(() => removeProgress(options.dir, trail));
      statuses.delete(nameOf(trail));
    },
    status: (trail) => statuses.get(nameOf(trail)) ?? {},
    next: () => log.next(),
    recordsDataEvents: options.recordsDataEvents,
    publicKey: { der: key.publicKey, fingerprint: key.fingerprint, since: key.since },
    start() {
      timer = setInterval(() => void deliverNow().catch(report), options.deliveryMs);
      timer.unref();
    },
    deliverNow,
    async close() {
      clearInterval(timer);
      await line;
    },
  };
}

function nameOf({ account, region, name }: Trail): string {
  return `${account}/${region}/${name}`;
}
