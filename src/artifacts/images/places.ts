/** Which registry, or which directory, an image's name leads to. */
import { credentialsIn } from "./registry/credentials.ts";
import type { ImageRepository } from "./contract.ts";
import { localRepository } from "./local/repository.ts";
import { registryRepository } from "./registry/repository.ts";
import type { ImageReference } from "./reference.ts";

/** Images of hosts that match are at `at`. */
export interface ImagePlace {
  /** A host name with its port; `*` stands for any characters but a slash. */
  host: string;
  /** URL of a registry, `http://…` or `https://…`; or the absolute path of a directory with images; absent: the host itself, by HTTPS. */
  at?: string;
}

export interface PlacesOptions {
  /** The first that matches is taken; where none does, nothing is pulled. */
  places: readonly ImagePlace[];
  /** As `docker login` writes it. */
  credentialsFile?: string | undefined;
}

export type OpenRepository = (
  reference: ImageReference,
  options: { maxBlobBytes: number; signal: AbortSignal },
) => ImageRepository | undefined;

export function openPlaces({ places, credentialsFile }: PlacesOptions): OpenRepository {
  const find = credentialsIn(credentialsFile);
  const patterns = places.map((place) => ({ ...place, pattern: patternOf(place.host) }));
  return ({ host, repository }, { maxBlobBytes, signal }) => {
    const place = patterns.find(({ pattern }) => pattern.test(host));
    if (place === undefined) return undefined;
    const { at = `https://${host}` } = place;
    if (at.startsWith("/")) return localRepository(at, repository);
    // Whoever logs in names the registry that is really asked, or the one that images are named after.
    const credentials = async () => (await find(host)) ?? find(new URL(at).host);
    return registryRepository({ registry: at, name: repository, credentials, maxBlobBytes, signal });
  };
}

function patternOf(host: string): RegExp {
  const literal = host.split("*").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${literal.join("[^/]*")}$`, "i");
}
