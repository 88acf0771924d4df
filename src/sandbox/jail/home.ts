/** The directory that becomes /tmp of a jail. */
import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import type { JailSpec, KeptTmp } from "../contract.ts";
import { unmountAside } from "../host/libc.ts";
import { unmountIfMounted } from "../host/mounts.ts";
import type { UidRange } from "../host/uid-ranges.ts";
import type { Holdings } from "./holdings.ts";
import type { JailHost } from "./jail-host.ts";

/** What may outlive a jail: its /tmp, and the ids that the files there belong to. */
export class Home implements KeptTmp {
  readonly dir: string;
  readonly range: UidRange;
  readonly #host: JailHost;
  #mounts = 0;
  #released: Promise<void> | undefined;

  /** `id` as a jail's: a jail's own directory cannot have the dot in its name. */
  constructor(host: JailHost, id: string) {
    this.#host = host;
    this.range = host.ranges.take();
    this.dir = join(host.run.jails, `${id}.tmp`);
    try {
      mkdirSync(this.dir);
    } catch (error) {
      this.range.release();
      throw error;
    }
  }

  /** A new, empty /tmp over the one that is there. */
  async mount(tmpMB: number): Promise<void> {
    await this.#host.tmp.mount(this.dir, tmpMB, this.range.base);
    this.#mounts += 1;
  }

  release(): Promise<void> {
    this.#released ??= this.#release();
    return this.#released;
  }

  async #release(): Promise<void> {
    try {
      for (; this.#mounts > 0; this.#mounts -= 1) await unmountAside(this.dir);
      unmountIfMounted(this.dir);
      rmdirSync(this.dir);
    } finally {
      this.range.release();
    }
  }
}

/** The home that a jail is told to have, or a new one. It is given back with the jail unless `keep` was called. */
export async function homeOf(
  host: JailHost,
  spec: JailSpec,
  holdings: Holdings,
): Promise<{ home: Home; keep: () => Home }> {
  if (spec.tmp !== undefined && !(spec.tmp instanceof Home)) throw new TypeError("/tmp of another sandbox");
  const home = spec.tmp ?? new Home(host, spec.id);
  let kept = false;
  holdings.add(() => (kept ? undefined : home.release()));
  if (spec.tmp === undefined) await home.mount(spec.limits.tmpMB);
  return {
    home,
    keep() {
      kept = true;
      return home;
    },
  };
}
