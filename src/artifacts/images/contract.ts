/** Where images come from. */

/** A repository: one name of one registry, or one image on disk. Everything throws ImageRefusal or KilnError. */
export interface ImageRepository {
  /** A manifest or an index by its tag or digest; not checked against the digest yet. */
  manifest(reference: string): Promise<{ mediaType: string; bytes: Buffer }>;
  /** A configuration or a layer by its digest; not checked either. */
  blob(digest: string): Promise<AsyncIterable<Uint8Array>>;
  /** Lets go of files and connections. */
  close(): Promise<void>;
}
