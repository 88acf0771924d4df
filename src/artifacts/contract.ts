/** Code as it is stored, and as an execution environment mounts it. */
export interface StoredArtifact {
  /** Blob id: lower-case hex SHA-256 of the zip, or of what it is encrypted as. Of a container image: the digest of its manifest, which is no blob. */
  blob: string;
  /** AWS's CodeSha256: base64 SHA-256 of the zip; of a container image its digest in hex. */
  codeSha256: string;
  /** Size of the zip in bytes: AWS's CodeSize, which is 0 for a container image. */
  size: number;
  /** Sum of the sizes of its unpacked files in bytes: counts towards AWS's 250 MB of a function with its layers. */
  unzippedSize: number;
  /** Present for a container image. */
  image?: StoredImage;
  /** Present for a zip that is encrypted with a key of its own. */
  sealed?: SealedCode;
}

/** The key of one zip, under a key of the user's. */
export interface SealedCode {
  /** As the request named the user's key. */
  readonly key: string;
  /** Of the user's key itself, also where the request named an alias. */
  readonly arn: string;
  /** Base64 of KMS's ciphertext. */
  readonly dataKey: string;
}

/** A container image, as its manifest and configuration describe it. Its layers are blobs, once they have been pulled. */
export interface StoredImage {
  /** As the caller named it. */
  uri: string;
  /** With the digest in place of the tag: AWS's ResolvedImageUri. */
  resolvedUri: string;
  /** The lowest first. */
  layers: ImageLayer[];
  entryPoint: string[];
  command: string[];
  /** Empty: the root. */
  workingDirectory: string;
  environment: Record<string, string>;
}

export interface ImageLayer {
  /** Blob id: lower-case hex SHA-256 of the layer as registries have it. */
  blob: string;
  /** Bytes of that. */
  size: number;
  /** Of the unpacked archive. */
  diffId: string;
}

/** Container images. Everything throws ImageRefusal, or KilnError where it is not the image's fault. */
export interface Images {
  /** Finds an image and reads what it consists of; its layers are not pulled yet. @param architecture AWS's word. */
  resolve(uri: string, architecture: string): Promise<StoredArtifact>;
  /** Pulls the layers that are not there. What a document names, no collection takes away in between. */
  pull(image: StoredImage): Promise<void>;
  /** Path of the read-only erofs image of its root file system, made of the layers where it is missing. */
  prepare(artifact: StoredArtifact): Promise<string>;
  /** Ends what is being pulled or resolved, whose callers get KilnError PULL_STOPPED. */
  stop(): void;
}

/** Why an image cannot be had. `foreign`: its registry is not one that Kiln asks. */
export type ImageRefusalKind =
  | "missing"
  | "denied"
  | "invalid"
  | "media-type"
  | "architecture"
  | "reference"
  | "foreign";

export class ImageRefusal extends Error {
  override readonly name = "ImageRefusal";
  readonly kind: ImageRefusalKind;

  /** @param reason The end of a sentence that begins with the image's name. */
  constructor(kind: ImageRefusalKind, reason: string, cause?: unknown) {
    super(reason, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}

export interface Artifacts {
  /**
   * Checks the zip and stores it. Throws ServiceError InvalidParameterValueException with AWS's words for a bad one
   * (not a zip, unzipped size over 250 MB, …); nothing is stored then. `key`: what it is encrypted with beneath what the
   * store does; of 32 bytes, for this zip alone.
   */
  put(zip: Uint8Array, key?: Uint8Array): Promise<StoredArtifact>;
  /** Path of the read-only erofs image, built once per content and shared by all environments on this machine. */
  prepare(blob: string, key?: Uint8Array): Promise<string>;
  /**
   * The same for the merged content of several artifacts, where a later one overwrites what earlier ones have at the
   * same path. At least one; an image of its own for every list.
   */
  prepareMerged(blobs: readonly string[]): Promise<string>;
  /** The zip's bytes, for the presigned download. */
  read(blob: string, key?: Uint8Array): Promise<Uint8Array | undefined>;
  /** Forgets artifacts and images that `inUse` does not name; answers how many artifacts. */
  collect(inUse: UsedArtifacts): Promise<number>;
}

export interface UsedArtifacts {
  blobs: ReadonlySet<string>;
  /** Lists whose merged images are in use. What they consist of has to be in `blobs` as well. */
  merged: Iterable<readonly string[]>;
}

/** An object of an S3-compatible store, as a request names it. */
export interface ObjectName {
  bucket: string;
  key: string;
  version?: string;
}

/** The bytes of an object. Throws ServiceError with AWS's words: not there, not allowed, too large. */
export type FetchObject = (object: ObjectName, limits: { maxBytes: number }) => Promise<Uint8Array>;

/** One line of the runtime catalogue. Dates are AWS's, `YYYY-MM-DD`. */
export interface RuntimeEntry {
  /** AWS's identifier, for instance `nodejs24.x`. */
  id: string;
  /** Which bootstrap in `runtimes/` it runs. */
  family: "nodejs" | "python" | "ruby" | "java" | "dotnet" | "provided";
  deprecated?: string;
  blockCreate?: string;
  blockUpdate?: string;
  /** How Kiln builds the image; absent when Kiln cannot (then `unavailable` says why and what to do). */
  build?: { kind: "node" | "debian" | "provided" | "oci"; version: string };
  unavailable?: string;
}

/** A runtime image that is ready on this machine. */
export interface RuntimeImage {
  id: string;
  /** erofs image path. */
  image: string;
  /** AWS_EXECUTION_ENV and the like: variables that belong to the runtime. */
  env: Readonly<Record<string, string>>;
  /** Command of the runtime inside the image. */
  argv: readonly string[];
  /** ARN in `RuntimeVersionConfig` and the INIT_START line: changes with the image's content. */
  versionArn: string;
  /** Whether the bootstrap can wait for its assignment (pool of pre-booted jails). */
  preboot: boolean;
}

export interface Runtimes {
  catalogue(): readonly RuntimeEntry[];
  entry(id: string): RuntimeEntry | undefined;
  /** Undefined when the image has not been built. */
  image(id: string): RuntimeImage | undefined;
  /**
   * The image, built first where it is missing; that takes from a second to minutes, and is done once however many wait.
   * Throws KilnError: why it could not be built, or BUILD_STOPPED because the process ends. Absent where images are
   * built by `kiln runtimes build` alone.
   */
  ensure?(id: string): Promise<RuntimeImage>;
}
