/** The external extensions of a jail that is made for several processes: their start, their output, their end. */
import { KilnError, messageOf } from "../../base/errors.ts";
import type { Jail, JailProcess } from "../../sandbox/contract.ts";
import { MOST_EXTENSIONS, type Extensions } from "../extensions-api/index.ts";
import { createGuestOutput, type GuestOutput } from "../logs/guest-output.ts";
import { extensionFault, type Fault } from "./outcome.ts";

/** Where layers and images have them. */
export const EXTENSIONS_DIR = "/opt/extensions";

/** What a shell answers for a program that may not be run, and for one that is not there. */
const LAUNCH_ERRORS: Readonly<Record<number, { errorType: string; message: string }>> = {
  126: { errorType: "PermissionDenied", message: "permission denied" },
  127: { errorType: "UnknownError", message: "no such file or directory" },
};

export interface ExtensionProcess {
  readonly name: string;
  readonly output: GuestOutput;
  readonly exited: Promise<void>;
  kill(): void;
}

/** Starts them, as many as there may be. `ended` is told of each that ends, and of one too many, in AWS's words. */
export function startExtensions(
  jail: Jail,
  extensions: Extensions,
  env: Readonly<Record<string, string>>,
  ended: (fault: Fault) => void,
): ExtensionProcess[] {
  const names = extensions.describe().map(({ name }) => name);
  for (const name of names.slice(MOST_EXTENSIONS)) {
    extensions.launchFailed(name, "TooManyExtensions");
    ended({ errorType: "Extension.LaunchError", message: "ErrTooManyExtensions" });
  }
  return names.slice(0, MOST_EXTENSIONS).map((name) => {
    const path = `${EXTENSIONS_DIR}/${name}`;
    const started = start(jail, path, env);
    const exited = started.exited.then((exit) => {
      const state = extensions.findExternal(name)?.state;
      const launch = state === "Started" && exit.status !== null ? LAUNCH_ERRORS[exit.status] : undefined;
      if (launch === undefined) return ended(extensionFault(exit));
      extensions.launchFailed(name, launch.errorType);
      ended({ errorType: "Extension.LaunchError", message: `fork/exec ${path}: ${launch.message}` });
    });
    const output = createGuestOutput([started.stdout, started.stderr]);
    return { name, output, exited, kill: () => started.kill("SIGKILL") };
  });
}

function start(jail: Jail, path: string, env: Readonly<Record<string, string>>): JailProcess {
  try {
    return jail.run({ argv: [path], env });
  } catch (error) {
    throw new KilnError("SANDBOX_FAILED", `Cannot start ${path}: ${messageOf(error)}`, { cause: error });
  }
}
