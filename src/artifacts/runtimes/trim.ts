/**
 * Turns what Debian's packages unpack to into the root file system that hostile code sees: no package manager, no
 * documentation, nothing set-uid, no device node, nothing of the host that built it.
 */
import { appendFile, chmod, lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { KilnError } from "../../base/errors.ts";

/** Everything in these directories goes, except the names given. */
const KEEP: Readonly<Record<string, readonly string[]>> = {
  "": ["bin", "etc", "lib", "lib64", "sbin", "usr"],
  etc: [
    "bash.bashrc",
    "debian_version",
    "gai.conf",
    "host.conf",
    "ld.so.conf",
    "ld.so.conf.d",
    "os-release",
    "protocols",
    "rpc",
    "services",
    "ssl",
  ],
  usr: ["bin", "lib", "lib32", "lib64", "libx32", "sbin", "share"],
  "usr/share": ["ca-certificates", "zoneinfo"],
  "usr/sbin": ["ldconfig"],
};

/** Of the package manager and of init systems, or without a use in a jail. */
const REMOVE: readonly RegExp[] = [
  /^usr\/bin\/(?:deb|dpkg|update-|bashbug|c_rehash|ischroot|run-parts|runcon|chcon|savelog|tempfile|tzselect|localedef|su$)/,
  /^usr\/lib\/(?:apt|dpkg|mime|sasl2|sysctl\.d|systemd)$/,
  /^usr\/lib\/[^/]+\/(?:gconv|perl[^/]*|sasl2|krb5|libdb-.*)$/,
  /^usr\/share\/zoneinfo\/(?:posix|right)$/,
];

const DIRECTORIES: readonly string[] = [
  "dev",
  "home",
  "opt",
  "proc",
  "run",
  "sys",
  "tmp",
  "var/lang",
  "var/lib",
  "var/log",
  "var/runtime",
  "var/task",
  "var/tmp",
];

const LINKS: Readonly<Record<string, string>> = {
  "etc/localtime": "/usr/share/zoneinfo/UTC",
  "etc/mtab": "/proc/self/mounts",
  // Where Amazon Linux has its bundle; programs built for it look there.
  "etc/pki/tls/certs/ca-bundle.crt": "/etc/ssl/certs/ca-certificates.crt",
  "usr/bin/awk": "mawk",
  // AWS's LANG. Without it Ruby and Java take names for ASCII, Python sets LC_CTYPE, and shells complain.
  "usr/lib/locale/en_US.utf8": "C.utf8",
  "usr/bin/which": "which.debianutils",
  "var/run": "/run",
};

/** uid and gid of function code are those of AWS's execution environments. */
const FILES: Readonly<Record<string, string>> = {
  "etc/group": "root:x:0:\nnogroup:x:65534:\nsbx_user1051:x:990:\n",
  "etc/hosts": "127.0.0.1 localhost sandbox.localdomain sandbox\n::1 localhost ip6-localhost ip6-loopback\n",
  "etc/nsswitch.conf":
    "passwd: files\ngroup: files\nhosts: files dns\nnetworks: files\nprotocols: files\nservices: files\n",
  "etc/passwd":
    "root:x:0:0:root:/root:/usr/sbin/nologin\n" +
    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n" +
    "sbx_user1051:x:993:990::/home/sbx_user1051:/usr/sbin/nologin\n",
  // Names are resolved by whatever the jail's network gives; without one, lookups fail at once and do not hang.
  "etc/resolv.conf": "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n",
};

/** `keep` has what a build keeps in addition, by directory. */
export async function trimTree(root: string, keep: Readonly<Record<string, readonly string[]>> = {}): Promise<void> {
  for (const [directory, kept] of Object.entries(KEEP)) {
    for (const name of await readdir(join(root, directory))) {
      if (!kept.includes(name) && keep[directory]?.includes(name) !== true) {
        await rm(join(root, directory, name), { recursive: true, force: true });
      }
    }
  }
  await walk(root, "", async (path) => {
    if (REMOVE.some((pattern) => pattern.test(path))) {
      await rm(join(root, path), { recursive: true, force: true });
      return false;
    }
    return true;
  });
  for (const directory of DIRECTORIES) {
    await mkdir(join(root, directory), { recursive: true, mode: 0o755 });
  }
  await chmod(join(root, "tmp"), 0o1777);
  await chmod(join(root, "var/tmp"), 0o1777);
  for (const [path, target] of Object.entries(LINKS)) {
    await mkdir(join(root, path, ".."), { recursive: true });
    await symlink(target, join(root, path));
  }
  for (const [path, content] of Object.entries(FILES)) {
    await writeFile(join(root, path), content, { mode: 0o644 });
  }
  await bundleCertificates(root);
  await walk(root, "", async (path) => {
    const entry = await lstat(join(root, path));
    if (entry.isFile() && (entry.mode & 0o6000) !== 0) {
      await chmod(join(root, path), entry.mode & 0o777);
    } else if (entry.isDirectory() && (entry.mode & 0o6000) !== 0) {
      await chmod(join(root, path), entry.mode & 0o1777);
    } else if (!entry.isFile() && !entry.isDirectory() && !entry.isSymbolicLink()) {
      throw new KilnError("IMAGE_BAD", `A package brought ${path}, which is neither a file, a directory nor a link.`);
    }
    return true;
  });
}

/** What update-ca-certificates would do, without running a script of the tree. */
async function bundleCertificates(root: string): Promise<void> {
  const directory = join(root, "usr/share/ca-certificates/mozilla");
  const bundle = join(root, "etc/ssl/certs/ca-certificates.crt");
  await mkdir(join(root, "etc/ssl/certs"), { recursive: true });
  await writeFile(bundle, "", { mode: 0o644 });
  for (const name of (await readdir(directory)).sort()) {
    const certificate = await readFile(join(directory, name), "utf8");
    await appendFile(bundle, certificate.endsWith("\n") ? certificate : `${certificate}\n`);
  }
}

/** Visits every path below root, relative to it; a visitor that returns false keeps the walk out of a directory. */
export async function walk(root: string, path: string, visit: (path: string) => Promise<boolean>): Promise<void> {
  for (const entry of await readdir(join(root, path), { withFileTypes: true })) {
    const below = path === "" ? entry.name : `${path}/${entry.name}`;
    if ((await visit(below)) && entry.isDirectory()) {
      await walk(root, below, visit);
    }
  }
}
