/** What an ImageUri names: `HOST[:PORT]/REPOSITORY[:TAG][@sha256:…]` (github.com/distribution/reference, `reference.go`). */
export interface ImageReference {
  /** With the port, where there is one. */
  host: string;
  repository: string;
  tag?: string;
  /** `sha256:…`; decides, where there is a tag as well. */
  digest?: string;
}

const HOST =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::\d{1,5})?$/;
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[\w][\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const LONGEST = 1024;

/** Undefined for what names no image; as on AWS, a tag or a digest must be there. */
export function parseReference(uri: string): ImageReference | undefined {
  if (uri.length > LONGEST) return undefined;
  const [named = "", digest, ...more] = uri.split("@");
  const slash = named.indexOf("/");
  if (more.length > 0 || slash < 0 || (digest !== undefined && !DIGEST.test(digest))) return undefined;
  const host = named.slice(0, slash);
  const path = named.slice(slash + 1);
  const colon = path.lastIndexOf(":");
  const repository = colon < 0 ? path : path.slice(0, colon);
  const tag = colon < 0 ? undefined : path.slice(colon + 1);
  if (!HOST.test(host) || repository.length > 255 || !REPOSITORY.test(repository)) return undefined;
  if ((tag === undefined && digest === undefined) || (tag !== undefined && !TAG.test(tag))) return undefined;
  return { host, repository, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/** AWS's ResolvedImageUri: the repository with the digest that the tag stood for. */
export function resolvedUri({ host, repository }: ImageReference, digest: string): string {
  return `${host}/${repository}@${digest}`;
}
