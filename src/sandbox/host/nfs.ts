/**
 * Mounts NFS exports that functions share. Linux cannot map ids on NFS: the server decides whose rights a function has
 * (exports(5), `all_squash`). A server may fall silent at any time, and whoever asks for a file of it then waits: Kiln itself
 * never does. The program `mount` mounts it, with a limit of time, and nothing else of it is looked at.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { FileSystemError, type NfsExport } from "../contract.ts";

/** RFC 7530. */
const PORT = 2049;
const CONNECT_MS = 5_000;
const MOUNT_MS = 10_000;
const MOST_OUTPUT = 4096;
/** As AWS mounts Amazon EFS: https://docs.aws.amazon.com/efs/latest/ug/mounting-fs-nfs-mount-settings.html */
const OPTIONS = ["vers=4.1", "hard", "timeo=600", "retrans=2", "noresvport", "nosuid", "nodev"];

/** Undefined when there is a connection, else why there is none. */
async function whyNot(server: string, port: number): Promise<string | undefined> {
  const socket = connect({ host: server.replaceAll(/[[\]]/g, ""), port });
  const timer = setTimeout(() => socket.destroy(new Error(`no answer within ${CONNECT_MS} ms`)), CONNECT_MS);
  try {
    await once(socket, "connect");
    return undefined;
  } catch (error) {
    return String(error instanceof Error ? error.message : error);
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

export interface NfsMount {
  /** The access point's ARN. */
  name: string;
  source: NfsExport;
  readOnly: boolean;
}

/** Throws FileSystemError. `port` is for tests. */
export async function mountNfs({ name, source, readOnly }: NfsMount, target: string, port = PORT): Promise<void> {
  const what = `${source.server}:${source.path}`;
  const refusal = await whyNot(source.server, port);
  if (refusal !== undefined) {
    throw new FileSystemError("connectivity", name, `The server of ${what} cannot be reached: ${refusal}.`);
  }
  const options = [...OPTIONS, `port=${port}`, readOnly ? "ro" : "rw"].join(",");
  const child = spawn("mount", ["-t", "nfs4", "-o", options, what, target], {
    stdio: ["ignore", "ignore", "pipe"],
    timeout: MOUNT_MS,
    killSignal: "SIGKILL",
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(0, MOST_OUTPUT)));
  const [status, signal] = (await once(child, "close").catch((error: unknown) => {
    throw new FileSystemError("failure", name, `Cannot run mount: ${String(error)}`, { cause: error });
  })) as [number | null, string | null];
  if (status === 0) return;
  const why = said.trim().replaceAll(/\s+/g, " ");
  if (signal !== null || /timed? ?out/i.test(why)) {
    throw new FileSystemError("timeout", name, `${what} could not be mounted in time. ${why}`);
  }
  throw new FileSystemError("failure", name, `${what} could not be mounted: ${why}`, {
    hint: "Install nfs-common, use a kernel with an NFS client, and look at the server's exports.",
  });
}
