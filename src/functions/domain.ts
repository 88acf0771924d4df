/** What the operations of the domain share. */
import type { Architecture } from "@aws-sdk/client-lambda";
import type { Artifacts, FetchObject, Images, Runtimes } from "../artifacts/contract.ts";
import type { Clock } from "../base/clock.ts";
import type { Scope } from "../base/scope.ts";
import type { Provisioner } from "../invoke/contract.ts";
import type { Documents } from "../store/contract.ts";
import type { Collection } from "./collection.ts";
import type { CodeKeys } from "./code-keys.ts";
import type { CodeStore } from "./code.ts";
import type { RequireRole } from "./credentials.ts";
import type { AccountLimits } from "./contract.ts";
import type { FileSystemCatalog } from "./file-systems.ts";
import type { FunctionNetworks } from "./networks.ts";
import type { Preparation } from "./preparation.ts";
import type { VersionSnapshots } from "./snap-start/snapshots.ts";
import type { VariableKeys } from "./variables.ts";

export interface Domain {
  documents: Documents;
  artifacts: Artifacts;
  images: Images;
  runtimes: Runtimes;
  clock: Clock;
  architecture: Architecture;
  networks: FunctionNetworks;
  fileSystems: FileSystemCatalog | undefined;
  limits: AccountLimits;
  code: CodeStore;
  /** Code that requests name as an object of S3. */
  fetchObject: FetchObject;
  requireRole: RequireRole;
  variableKeys: VariableKeys | undefined;
  codeKeys: CodeKeys | undefined;
  preparation: Preparation;
  /** Absent: this level of isolation has none. */
  snapshots: VersionSnapshots | undefined;
  collection: Collection;
  provisioner: Provisioner;
  /** Throws CodeStorageExceededException when the account has no room for so many more bytes of code. */
  requireRoom(scope: Scope, bytes: number): void;
  /** Forgets what is cached of a function; called after every change that this process makes. */
  forget(scope: Scope, name: string): void;
  /** Ends environments that serve no current version, in the background. */
  retire(scope: Scope, name: string, version?: string): void;
}
