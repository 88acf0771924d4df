/** The root file systems that functions run on, and what builds them. */
import { standard } from "../../artifacts/runtimes/catalogue.ts";
import { createRuntimes } from "../../artifacts/runtimes/runtimes.ts";
import type { Finding, Places } from "./check.ts";
import { firstLine } from "./program.ts";

export function checkImages({ runtimesDir }: Places): Finding {
  const runtimes = createRuntimes({ dir: runtimesDir });
  try {
    const buildable = runtimes
      .catalogue()
      .filter(({ build }) => build !== undefined)
      .map(({ id }) => id);
    const built = buildable.filter((id) => runtimes.image(id) !== undefined);
    const name = "runtime images";
    // The others are built when a function wants them.
    const missing = standard.filter((id) => !built.includes(id));
    if (missing.length === 0) {
      const later = buildable.length - built.length;
      const rest = later === 0 ? "" : `; ${later} more when a function wants them`;
      return { name, status: "ok", detail: `${built.join(", ")}${rest}` };
    }
    const todo = `kiln runtimes build ${missing.join(" ")}`;
    if (built.length === 0) return { name, status: "missing", detail: `none in ${runtimesDir}`, todo };
    return { name, status: "warning", detail: `${built.join(", ")}; not ${missing.join(", ")}`, todo };
  } finally {
    runtimes.close();
  }
}

export async function checkImageBuilder(): Promise<Finding> {
  const version = await firstLine("mmdebstrap", ["--version"]);
  if (version !== undefined) return { name: "image builder", status: "ok", detail: version };
  const todo = "apt-get install mmdebstrap";
  return {
    name: "image builder",
    status: "warning",
    detail: "mmdebstrap is not installed: no image can be built",
    todo,
  };
}
