/** Keys of users, as AWS KMS has them: symmetric ones (https://docs.aws.amazon.com/kms/latest/developerguide/). */
import type { Scope } from "../base/scope.ts";

export type KeyState = "Enabled" | "Disabled" | "PendingDeletion";

/** One generation of a key: rotation makes a new one, and the old ones go on decrypting. */
export interface Material {
  /** 64 hexadecimal digits; the first 32 are in every ciphertext. */
  readonly id: string;
  /** Base64 of 32 bytes. The store encrypts it. */
  readonly secret: string;
  /** ms since the epoch. */
  readonly createdAt: number;
  /** Absent for the first. */
  readonly rotation?: "AUTOMATIC" | "ON_DEMAND";
}

export interface KeyDocument {
  readonly id: string;
  readonly description: string;
  readonly state: KeyState;
  /** ms since the epoch. */
  readonly createdAt: number;
  /** Of a key in PendingDeletion; ms since the epoch. */
  readonly deletionAt?: number;
  readonly policy: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The last one encrypts. At least one. */
  readonly materials: readonly Material[];
  /** Absent: the key does not rotate by itself. */
  readonly rotation?: { readonly periodDays: number; readonly nextAt: number };
}

export interface AliasDocument {
  /** `alias/…` */
  readonly name: string;
  readonly keyId: string;
  /** ms since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface GrantDocument {
  readonly id: string;
  readonly keyId: string;
  readonly token: string;
  readonly name?: string;
  /** ARN; users and roles by their ids where grants are kept. */
  readonly grantee: string;
  readonly retiring?: string;
  readonly operations: readonly string[];
  readonly constraints?: {
    readonly EncryptionContextSubset?: Readonly<Record<string, string>>;
    readonly EncryptionContextEquals?: Readonly<Record<string, string>>;
  };
  /** ms since the epoch. */
  readonly createdAt: number;
  readonly issuer: string;
}

export type GrantName = { readonly token: string } | { readonly keyId: string; readonly grantId: string };

export interface FoundGrant {
  /** Of its key. */
  readonly arn: string;
  readonly grant: GrantDocument;
}

/** What a caller wants to do with a key, as far as grants decide about it. */
export interface GrantUse {
  /** AWS's GrantOperation: `Decrypt`, `ReEncryptFrom`, … */
  readonly operation: string;
  /** Undefined for operations that have none. */
  readonly context?: EncryptionContext;
  /** For CreateGrant: what is to be handed on, which cannot be more than what was granted. */
  readonly handedOn?: Pick<GrantDocument, "operations" | "constraints">;
}

/** A key with where it is. */
export interface FoundKey {
  readonly scope: Scope;
  readonly arn: string;
  readonly key: KeyDocument;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Pass as `after` to go on; absent on the last page. */
  readonly next?: string;
}

export interface PageOptions {
  readonly limit: number;
  readonly after?: string | undefined;
}

export type EncryptionContext = Readonly<Record<string, string>>;
export type NewGrant = Omit<GrantDocument, "id" | "token" | "createdAt" | "keyId">;

/**
 * `keyId`: a key's id or ARN, or an alias's name or ARN, as AWS takes them. Everything throws ServiceError with AWS's codes:
 * NotFoundException, DisabledException, KMSInvalidStateException, …
 */
export interface Kms {
  create(scope: Scope, wanted: Pick<KeyDocument, "description" | "policy" | "tags">): Promise<FoundKey>;
  find(scope: Scope, keyId: string): Promise<FoundKey>;
  list(scope: Scope, options: PageOptions): Promise<Page<FoundKey>>;
  setEnabled(scope: Scope, keyId: string, enabled: boolean): Promise<void>;
  describe(scope: Scope, keyId: string, description: string): Promise<void>;
  /** `days`: 7 to 30. */
  scheduleDeletion(scope: Scope, keyId: string, days: number): Promise<FoundKey>;
  cancelDeletion(scope: Scope, keyId: string): Promise<FoundKey>;
  setPolicy(scope: Scope, keyId: string, policy: string): Promise<void>;
  tag(scope: Scope, keyId: string, tags: Readonly<Record<string, string>>): Promise<void>;
  untag(scope: Scope, keyId: string, names: readonly string[]): Promise<void>;

  enableRotation(scope: Scope, keyId: string, periodDays: number): Promise<void>;
  disableRotation(scope: Scope, keyId: string): Promise<void>;
  rotate(scope: Scope, keyId: string): Promise<FoundKey>;

  createAlias(scope: Scope, name: string, keyId: string): Promise<void>;
  updateAlias(scope: Scope, name: string, keyId: string): Promise<void>;
  deleteAlias(scope: Scope, name: string): Promise<void>;
  /** Of one key where `keyId` is given. */
  listAliases(scope: Scope, options: PageOptions & { keyId?: string | undefined }): Promise<Page<AliasDocument>>;

  encrypt(scope: Scope, keyId: string, clear: Uint8Array, context: EncryptionContext): Promise<Encrypted>;
  /** `keyId`: the key that it has to be, where the caller says so. */
  decrypt(scope: Scope, blob: Uint8Array, context: EncryptionContext, keyId?: string): Promise<Decrypted>;
  /** The id of the key that a ciphertext names; undefined where it is none. Proves nothing. */
  keyOf(blob: Uint8Array): string | undefined;

  createGrant(scope: Scope, keyId: string, wanted: NewGrant): Promise<GrantDocument>;
  listGrants(scope: Scope, keyId: string): Promise<readonly GrantDocument[]>;
  retirableGrants(scope: Scope, principal: string): Promise<readonly GrantDocument[]>;
  revokeGrant(scope: Scope, keyId: string, grantId: string): Promise<void>;
  retireGrant(scope: Scope, which: GrantName): Promise<void>;
  /** Undefined where there is none. */
  findGrant(scope: Scope, which: GrantName): Promise<FoundGrant | undefined>;
  /** Whom the grants of a key let do this. `arn`: of a key, whether there is one or not. */
  granteesOf(arn: string, use: GrantUse): Promise<readonly string[]>;

  /** The key policy as its writer knows it. */
  shownPolicy(found: FoundKey): Promise<string>;
  /** The key policy for decisions, by the key's ARN. */
  policyOf(arn: string): Promise<string | undefined>;
  tagsOf(arn: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** Destroys keys whose time has come, now and every hour. */
  start(): Promise<void>;
  close(): void;
}

export interface Encrypted {
  readonly blob: Buffer;
  readonly arn: string;
  readonly materialId: string;
}

export interface Decrypted {
  readonly clear: Buffer;
  readonly arn: string;
  readonly materialId: string;
}
