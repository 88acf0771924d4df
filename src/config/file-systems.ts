/**
 * The file of shared file systems (KILN_FILE_SYSTEMS), as docs/file-systems.md describes it: access points as Amazon EFS has
 * them, in the words of its CreateAccessPoint, and the directories and NFS exports that they stand for.
 */
import type { AccessPoint, FileSystemCatalog, HostDirectory, NfsExport } from "./config.ts";
import { JsonFileReader, readSettingsFile } from "./json-file.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_FileSystemConfig.html */
const ACCESS_POINT =
  /^arn:aws[a-z-]*:(elasticfilesystem:[a-z0-9-]+:\d{12}:access-point|s3files:[a-z0-9-]+:\d{12}:file-system\/fs-[0-9a-f]{17,40}\/access-point)\/fsap-[0-9a-f]{17,40}$/;
/** Host names, IPv4 addresses and IPv6 ones in brackets. */
const NFS = /^([a-zA-Z0-9][a-zA-Z0-9.-]{0,252}|\[[0-9a-fA-F:]{2,39}\]):(\/[^\0]{0,1000})$/;
const ACCOUNT = /^\d{12}$/;
/** AWS: no more than four directories deep. */
const ROOT = /^(\/|(\/[^/\0]{1,255}){1,4})$/;
/** Functions on AWS, where an access point names nobody. */
const DEFAULT_USER = { uid: 993, gid: 990 };
/** Above are the ids of jails. */
const MOST_ID = 0x3fff_ffff;

class Reader extends JsonFileReader {
  id(value: unknown, at: string, least: number): number {
    const fits = typeof value === "number" && Number.isInteger(value) && value >= least && value <= MOST_ID;
    return fits ? value : this.refuse(at, `a whole number from ${least} to ${MOST_ID}`);
  }

  path(value: unknown, at: string, pattern: RegExp, expected: string): string {
    const parts = typeof value === "string" && pattern.test(value) ? value.split("/") : ["."];
    return typeof value === "string" && !parts.some((part) => part === "." || part === "..")
      ? value
      : this.refuse(at, expected);
  }

  /** Never root: what functions write would be root's, set-uid programs too. */
  user(value: unknown, at: string): HostDirectory["user"] {
    if (value === undefined) return DEFAULT_USER;
    const { uid, gid } = this.object(value, at, ["uid", "gid"]);
    return { uid: this.id(uid, `${at}.uid`, 1), gid: this.id(gid, `${at}.gid`, 1) };
  }

  creation(value: unknown, at: string): NonNullable<HostDirectory["creation"]> {
    const { ownerUid, ownerGid, permissions } = this.object(value, at, ["ownerUid", "ownerGid", "permissions"]);
    const mode = typeof permissions === "string" && /^[0-7]{3,4}$/.test(permissions) ? permissions : undefined;
    if (mode === undefined) this.refuse(`${at}.permissions`, 'octal, for instance "0755"');
    return {
      uid: this.id(ownerUid, `${at}.ownerUid`, 0),
      gid: this.id(ownerGid, `${at}.ownerGid`, 0),
      mode: Number.parseInt(mode, 8),
    };
  }

  accounts(value: unknown, at: string): string[] {
    return this.list(value, at).map((account) =>
      typeof account === "string" && ACCOUNT.test(account)
        ? account
        : this.refuse(at, "a list of accounts, 12 digits each"),
    );
  }
}

function nfsExport(reader: Reader, value: unknown, at: string): NfsExport {
  const [, server, path] = (typeof value === "string" && NFS.exec(value)) || [];
  if (server === undefined || path === undefined) reader.refuse(at, 'an export, for instance "files.example.com:/srv"');
  reader.path(path, at, /^\//, "an export whose path has no . or ..");
  return { kind: "nfs", server, path };
}

function accessPoint(reader: Reader, arn: string, value: unknown, at: string): AccessPoint {
  const members = ["directory", "nfs", "posixUser", "rootDirectory", "readOnly", "accounts"];
  const point = reader.object(value, at, members);
  const { directory, nfs, posixUser, rootDirectory = {}, readOnly = false, accounts } = point;
  const root = reader.object(rootDirectory, `${at}.rootDirectory`, ["path", "creationInfo"]);
  const { path = "/", creationInfo } = root;
  if (typeof readOnly !== "boolean") reader.refuse(`${at}.readOnly`, "true or false");
  if (nfs !== undefined && (directory ?? posixUser ?? point["rootDirectory"]) !== undefined) {
    reader.refuse(at, "without directory, posixUser and rootDirectory: an NFS export is mounted as its server has it");
  }
  return {
    source:
      nfs === undefined
        ? {
            kind: "directory",
            path: reader.path(directory, `${at}.directory`, /^(\/[^/\0]+)+$/, "the absolute path of a directory"),
            user: reader.user(posixUser, `${at}.posixUser`),
            ...(creationInfo === undefined
              ? {}
              : { creation: reader.creation(creationInfo, `${at}.rootDirectory.creationInfo`) }),
          }
        : nfsExport(reader, nfs, `${at}.nfs`),
    root: reader.path(path, `${at}.rootDirectory.path`, ROOT, "an absolute path of at most four directories"),
    readOnly,
    accounts: [arn.split(":")[4] ?? "", ...reader.accounts(accounts ?? [], `${at}.accounts`)],
  };
}

/** Whether one of two directories is the other, or in it. */
function overlap(one: string, other: string): boolean {
  return `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`);
}

/** @param own Kiln's directories, which no function may see. */
export function parseFileSystems(text: string, file: string, own: readonly string[]): FileSystemCatalog {
  const reader = new Reader(file, "docs/file-systems.md");
  const { accessPoints } = reader.object(reader.parse(text), "the file", ["accessPoints"]);
  return Object.fromEntries(
    reader.entries(accessPoints, "accessPoints", ACCESS_POINT).map(([arn, value]) => {
      const at = `accessPoints.${arn}`;
      const point = accessPoint(reader, arn, value, at);
      const { source } = point;
      const secret = own.find((dir) => source.kind === "directory" && dir.startsWith("/") && overlap(dir, source.path));
      if (secret !== undefined) reader.refuse(`${at}.directory`, `apart from ${secret}, which is Kiln's own`);
      return [arn, point];
    }),
  );
}

/** Undefined when no file is named. */
export function fileSystemCatalog(file: string, own: readonly string[]): FileSystemCatalog | undefined {
  return file === "" ? undefined : parseFileSystems(readSettingsFile("KILN_FILE_SYSTEMS", file), file, own);
}
