/** Servers of others that Kiln uses: where they are, and the keys to them. */
import { KilnError } from "../base/errors.ts";
import type { Config, ObjectStore, ServiceEndpoint } from "./config.ts";
import { absolutePath } from "./readers.ts";

export function externalStsOf(endpoint: string, sessionSeconds: number): Config["externalSts"] {
  return endpoint === "" ? undefined : Object.freeze({ endpoint, sessionSeconds });
}

/** `s3`: the object store; else a directory, by default one in the state directory. */
export function bucketsOf(text: string, stateDir: string): string | undefined {
  if (text === "s3") return undefined;
  return text === "" ? `${stateDir}/audit/buckets` : absolutePath(text, "KILN_AUDIT_BUCKETS");
}

interface StoreSettings extends Keys {
  endpoint: string;
  region: string;
}

export function objectStoreOf({ endpoint, region, ...keys }: StoreSettings): ObjectStore | undefined {
  const credentials = credentialsOf(
    "KILN_S3",
    keys,
    "Set both, or none where the store can be read without signatures.",
  );
  if (endpoint === "") return undefined;
  return Object.freeze({ endpoint, region, ...credentials });
}

/** Endpoints of services by their names; those without one are left out. */
export function endpointsOf<N extends string>(
  prefix: string,
  named: Readonly<Record<N, string>>,
  keys: Keys,
): Readonly<Partial<Record<N, ServiceEndpoint>>> {
  const hint = "Set both, or none where the servers do not look at signatures.";
  const credentials = credentialsOf(prefix, keys, hint);
  const endpoints: Partial<Record<N, ServiceEndpoint>> = {};
  for (const name of Object.keys(named) as N[]) {
    if (named[name] !== "") endpoints[name] = Object.freeze({ endpoint: named[name], ...credentials });
  }
  return Object.freeze(endpoints);
}

interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
}

function credentialsOf(
  prefix: string,
  { accessKeyId, secretAccessKey }: Keys,
  hint: string,
): { credentials?: Readonly<Keys> } {
  if ((accessKeyId === "") !== (secretAccessKey === "")) {
    const message = `Only one of ${prefix}_ACCESS_KEY_ID and ${prefix}_SECRET_ACCESS_KEY is set.`;
    throw new KilnError("CONFIG_INVALID", message, { hint });
  }
  return accessKeyId === "" ? {} : { credentials: Object.freeze({ accessKeyId, secretAccessKey }) };
}
