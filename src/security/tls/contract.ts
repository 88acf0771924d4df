/** Where the listener's certificate comes from; it may become another one while Kiln runs. */

/** A private key and its certificate, with the chain that clients need behind it. Both PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateSource {
  current(): KeyPair;
  /** Tells when another pair has taken its place. */
  listen(listener: (pair: KeyPair) => void): void;
  /** Looks at once for another pair, as SIGHUP asks. What is wrong with it is reported; the current one stays. */
  look(): Promise<void>;
  /** File with what clients on this machine have to trust; undefined where the system's own list is enough. */
  readonly caFile: string | undefined;
  close(): void;
}
