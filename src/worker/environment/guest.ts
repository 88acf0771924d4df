import type { FunctionTree, Jail, JailExit, JailLimits, Sandbox } from "../../sandbox/contract.ts";
import { createFreezer, type Freezer } from "./freezer.ts";
import { createGuestOutput, type GuestOutput } from "../logs/guest-output.ts";
import { createRuntimeApi, type RuntimeApi, type RuntimeListener } from "../runtime-api/index.ts";

export interface GuestListener extends RuntimeListener {
  exited(exit: JailExit): void;
}

/** One runtime process in its jail, with the two ways it speaks to the worker: the Runtime API and its output. */
export interface Guest {
  readonly jail: Jail;
  readonly api: RuntimeApi;
  readonly output: GuestOutput;
  readonly preboot: boolean;
  /** Between calls nothing of it runs. */
  readonly freezer: Freezer;
  /** Hears what the guest does, and what it has done since it was created. */
  listen(listener: GuestListener): void;
  /** Kills it; resolves when nothing of it is left. Idempotent. */
  end(): Promise<void>;
}

export interface GuestSpec {
  id: string;
  rootImage: string;
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
  limits: JailLimits;
  /** Absent for a pre-booted guest. */
  tree?: FunctionTree;
}

export async function createGuest(sandbox: Sandbox, spec: GuestSpec): Promise<Guest> {
  const preboot = spec.tree === undefined;
  let listener: GuestListener | undefined;
  // Without a listener there is no call, so a guest can at most become ready, fail to initialise, and exit.
  const missed: ((listener: GuestListener) => void)[] = [];
  let ended = false;
  function tell(what: (listener: GuestListener) => void): void {
    if (ended) return;
    if (listener === undefined) missed.push(what);
    else what(listener);
  }
  const api = createRuntimeApi({
    preboot,
    listener: {
      ready: () => tell((to) => to.ready()),
      responded: (payload) => tell((to) => to.responded(payload)),
      streaming: (contentType) => (ended ? undefined : listener?.streaming(contentType)),
      streamed: (end) => tell((to) => to.streamed(end)),
      failed: (failure) => tell((to) => to.failed(failure)),
      initFailed: (failure) => tell((to) => to.initFailed(failure)),
    },
  });
  const jail = await sandbox.create({ ...spec, onConnection: (socket) => api.accept(socket) });
  const output = createGuestOutput([jail.stdout, jail.stderr]);
  const freezer = createFreezer(jail);
  let ending: Promise<void> | undefined;
  void jail.exited.then((exit) => tell((to) => to.exited(exit)));
  return {
    jail,
    api,
    output,
    preboot,
    freezer,
    listen(to) {
      listener = to;
      for (const what of missed.splice(0)) what(to);
    },
    end() {
      ended = true;
      freezer.close();
      api.close();
      ending ??= jail.destroy().then(() => undefined);
      return ending;
    },
  };
}
