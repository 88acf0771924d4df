/**
 * Credentials of registries, from a file as `docker login` writes it (`~/.docker/config.json`). Programs that keep credentials
 * (`credsStore`, `credHelpers`) are not run.
 */
import { readFile, stat } from "node:fs/promises";
import { KilnError, messageOf } from "../../../base/errors.ts";

export interface RegistryCredentials {
  user: string;
  password: string;
  /** Of an OAuth 2 login: exchanged for tokens instead of the password. */
  identityToken?: string;
}

/** By the host of a registry, as the file names it. Read anew for every pull, because logins end. */
export type FindCredentials = (host: string) => Promise<RegistryCredentials | undefined>;

const MAX_BYTES = 1024 * 1024;

export function credentialsIn(file: string | undefined): FindCredentials {
  if (file === undefined) return async () => undefined;
  return async (host) => {
    const auths = await readAuths(file);
    const entry = Object.hasOwn(auths, host) ? auths[host] : (auths[`https://${host}`] ?? auths[`https://${host}/v1/`]);
    return entry === undefined ? undefined : credentialsOf(entry);
  };
}

async function readAuths(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw new RangeError(`it has more than ${MAX_BYTES} bytes`);
    const { auths = {} } = JSON.parse(await readFile(file, "utf8")) as { auths?: Record<string, unknown> };
    return typeof auths === "object" && auths !== null ? auths : {};
  } catch (cause) {
    throw new KilnError(
      "REGISTRY_CONFIG",
      `The credentials of registries cannot be read from ${file}: ${messageOf(cause)}`,
      {
        hint: "KILN_REGISTRY_CONFIG names a file as `docker login` writes it.",
        cause,
      },
    );
  }
}

function credentialsOf(entry: unknown): RegistryCredentials | undefined {
  if (typeof entry !== "object" || entry === null) return undefined;
  const { auth, username, password, identitytoken } = entry as Readonly<Record<string, unknown>>;
  const pair = typeof auth === "string" && auth !== "" ? Buffer.from(auth, "base64").toString() : undefined;
  const colon = pair?.indexOf(":") ?? -1;
  const user = pair === undefined ? username : pair.slice(0, Math.max(colon, 0));
  const secret = pair === undefined ? password : pair.slice(colon + 1);
  const token = typeof identitytoken === "string" && identitytoken !== "" ? { identityToken: identitytoken } : {};
  if (typeof user === "string" && typeof secret === "string" && user !== "")
    return { user, password: secret, ...token };
  return undefined;
}
