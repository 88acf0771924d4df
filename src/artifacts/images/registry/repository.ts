/**
 * A repository of a registry that speaks the OCI distribution specification (which is Docker's registry API, version 2):
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md, and for tokens
 * https://distribution.github.io/distribution/spec/auth/token/.
 */
import { KilnError } from "../../../base/errors.ts";
import { ImageRefusal } from "../../contract.ts";
import type { ImageRepository } from "../contract.ts";
import { MAX_DOCUMENT_BYTES } from "../limits.ts";
import { INDEX_TYPES, MANIFEST_TYPES } from "../manifest.ts";
import { parseChallenge, type Challenge } from "./challenge.ts";
import type { RegistryCredentials } from "./credentials.ts";
import { ask, bodyOf, wholeBody } from "./http.ts";

export interface RepositoryOptions {
  /** `http://host[:port][/prefix]` or `https://…`, without a slash at its end. */
  registry: string;
  name: string;
  /** Looked for when the registry asks for them. */
  credentials: () => Promise<RegistryCredentials | undefined>;
  /** Of one blob. */
  maxBlobBytes: number;
  signal: AbortSignal;
}

const ACCEPT = [...INDEX_TYPES, ...MANIFEST_TYPES].join(", ");

export function registryRepository(options: RepositoryOptions): ImageRepository {
  const base = new URL(options.registry);
  const { signal } = options;
  const prefix = base.pathname.replace(/\/+$/, "").slice(1);
  const name = prefix === "" ? options.name : `${prefix}/${options.name}`;
  /** The last answer to a challenge: good for all that is asked of this repository. */
  let authorization: string | undefined;

  async function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    const url = new URL(`/v2/${name}/${path}`, base);
    for (let again = false; ; again = true) {
      const response = await ask({
        url,
        signal,
        headers: authorization === undefined ? headers : { ...headers, authorization },
      });
      if (response.status === 200) return response;
      const challenge = response.status === 401 ? parseChallenge(response.headers.get("www-authenticate")) : undefined;
      await response.body?.cancel();
      if (challenge === undefined || again) throw refusal(response.status, `${base.host}/${name}`);
      authorization = await answerTo(challenge);
    }
  }

  async function answerTo(challenge: Challenge): Promise<string> {
    const credentials = await options.credentials();
    if (challenge.scheme === "basic" && credentials !== undefined) return basic(credentials);
    if (challenge.scheme === "bearer") return `Bearer ${await token(challenge, credentials)}`;
    throw refusal(401, `${base.host}/${name}`);
  }

  async function token({ parameters }: Challenge, credentials: RegistryCredentials | undefined): Promise<string> {
    const { realm = "", service } = parameters;
    const url = URL.canParse(realm) ? new URL(realm) : undefined;
    // A password goes to whom the registry names, but never in the clear, unless the registry is asked in the clear.
    if (url === undefined || (url.protocol !== "https:" && url.protocol !== base.protocol)) {
      throw new KilnError("REGISTRY_TOKEN", `The registry ${base.host} wants tokens from a place that is not asked.`);
    }
    const scope = `repository:${name}:pull`;
    const wanted = { scope, ...(service === undefined ? {} : { service }) };
    const response = await ask(
      credentials?.identityToken === undefined
        ? {
            signal,
            url: withQuery(url, wanted),
            headers: credentials === undefined ? {} : { authorization: basic(credentials) },
          }
        : {
            signal,
            url,
            headers: {},
            form: new URLSearchParams({
              ...wanted,
              grant_type: "refresh_token",
              client_id: "kiln",
              refresh_token: credentials.identityToken,
            }),
          },
    );
    const body = await wholeBody(response, MAX_DOCUMENT_BYTES);
    if (response.status !== 200) throw refusal(response.status, `${base.host}/${name}`);
    const given = tokenIn(body);
    if (given === undefined) throw new KilnError("REGISTRY_TOKEN", `${url.host} has answered without a token.`);
    return given;
  }

  return {
    async manifest(reference) {
      const response = await get(`manifests/${reference}`, { accept: ACCEPT });
      const mediaType = (response.headers.get("content-type") ?? "").split(";", 1)[0]?.trim() ?? "";
      return { mediaType, bytes: await wholeBody(response, MAX_DOCUMENT_BYTES) };
    },
    blob: async (digest) => bodyOf(await get(`blobs/${digest}`), options.maxBlobBytes),
    close: async () => undefined,
  };
}

function basic({ user, password }: RegistryCredentials): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

function withQuery(url: URL, parameters: Readonly<Record<string, string>>): URL {
  const asked = new URL(url);
  for (const [name, value] of Object.entries(parameters)) asked.searchParams.set(name, value);
  return asked;
}

const TOKEN = /^[\x21-\x7e]{1,65536}$/;

function tokenIn(body: Buffer): string | undefined {
  try {
    const { token, access_token: access } = JSON.parse(body.toString()) as Readonly<Record<string, unknown>>;
    return [token, access].find((each) => typeof each === "string" && TOKEN.test(each)) as string | undefined;
  } catch {
    return undefined;
  }
}

function refusal(status: number, what: string): Error {
  if (status === 401 || status === 403) return new ImageRefusal("denied", `the registry refuses ${what}`);
  if (status === 404) return new ImageRefusal("missing", `the registry does not have it in ${what}`);
  return new KilnError("REGISTRY_ANSWER", `The registry has answered ${status} when it was asked for ${what}.`);
}
