/**
 * Directories that functions share: one access point each, as Amazon EFS has them. What a function does there, it does with
 * the ids of the access point, and with no more rights than a user of those ids has: the ids of its jail are mapped to them
 * by the mount (idmapped mounts, mount_setattr(2)), so that a jail keeps a range of ids of its own.
 *
 * Whoever may write to such a directory is hostile. Nothing is looked up in it by path: every step is taken from the
 * descriptor of the one before, and links are followed nowhere.
 */
import { closeSync, constants, fchmodSync, fchownSync, mkdirSync } from "node:fs";
import { messageOf, systemCode } from "../../base/errors.ts";
import { FileSystemError, type HostDirectory, type SharedFiles } from "../contract.ts";
import { attachMount, detachedMount, O_PATH, openDirectory } from "./mounts-by-descriptor.ts";
import { mountNfs } from "./nfs.ts";
import { createUserNamespace, type IdRange } from "./user-namespace.ts";

/** Ids on the host of a jail's user, and of its root. */
export interface JailIds {
  uid: number;
  gid: number;
  root: number;
}

/** Runs work with a descriptor that is closed afterwards. */
function withDescriptor<T>(fd: number, work: (fd: number) => T): T {
  try {
    return work(fd);
  } finally {
    closeSync(fd);
  }
}

/** Makes one directory of the way to an access point's root, and opens it. Somebody else may have made it meanwhile. */
function makeDirectory(parent: number, name: string, { creation }: HostDirectory): number {
  if (creation === undefined) return openDirectory(name, { below: parent, flags: O_PATH });
  try {
    mkdirSync(`/proc/self/fd/${parent}/${name}`, { mode: 0o700 });
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
    return openDirectory(name, { below: parent, flags: O_PATH });
  }
  const made = openDirectory(name, { below: parent, flags: constants.O_RDONLY });
  fchownSync(made, creation.uid, creation.gid);
  fchmodSync(made, creation.mode);
  return made;
}

/** The directory that is the access point's root. */
function openRoot(source: HostDirectory, root: string): number {
  let current = openDirectory(source.path, { flags: O_PATH });
  for (const name of root.split("/").filter((part) => part !== "")) {
    current = withDescriptor(current, (parent) => {
      try {
        return openDirectory(name, { below: parent, flags: O_PATH });
      } catch (error) {
        if (systemCode(error) !== "ENOENT") throw error;
        return makeDirectory(parent, name, source);
      }
    });
  }
  return current;
}

/**
 * The jail's user is the access point's. The jail's root is nobody on the disk that there is already: a guest's file server
 * makes files as root before it gives them to the user.
 */
function mapping(onDisk: number, user: number, root: number): IdRange[] {
  return [
    { inside: onDisk, host: user, count: 1 },
    { inside: root, host: root, count: 1 },
  ];
}

function why(error: unknown, { path }: HostDirectory): string {
  if (systemCode(error) === "ELOOP") return `a link is on the way to it: name ${path} without links`;
  if (systemCode(error) === "EINVAL") return "its file system cannot map ids (ext4, XFS, Btrfs and tmpfs can)";
  return messageOf(error);
}

/** Puts an access point on a directory of the host. Throws FileSystemError. */
export async function mountSharedFiles(files: SharedFiles, target: string, ids: JailIds): Promise<void> {
  const { name, source, root, readOnly } = files;
  if (source.kind === "nfs") await mountNfs({ name, source, readOnly }, target);
  else await mountDirectory({ name, source, root, readOnly }, target, ids);
}

interface DirectoryMount extends Omit<SharedFiles, "at"> {
  source: HostDirectory;
}

async function mountDirectory(
  { name, source, root, readOnly }: DirectoryMount,
  target: string,
  ids: JailIds,
): Promise<void> {
  const { user } = source;
  const map = await createUserNamespace(mapping(user.uid, ids.uid, ids.root), mapping(user.gid, ids.gid, ids.root));
  try {
    withDescriptor(openRoot(source, root), (directory) =>
      withDescriptor(detachedMount(directory, { readOnly, ids: map.fd }), (tree) => attachMount(tree, target)),
    );
  } catch (error) {
    const message = `The access point ${name} cannot be mounted: ${why(error, source)}.`;
    throw new FileSystemError("failure", name, message, { cause: error });
  } finally {
    map.close();
  }
}
