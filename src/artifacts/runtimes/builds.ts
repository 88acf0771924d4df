/** The kinds of images that Kiln builds, as data. Everything in a build goes into the key of its image (recipe.ts). */

/** CPU architectures by Node's `process.arch`. */
export type Arch = "x64" | "arm64";

/** Debian releases whose packages images are made of. */
export type Suite = "bookworm" | "trixie";

/** A file that a registry has under an address of its own, pinned by its content. */
export interface MavenJar {
  group: string;
  artifact: string;
  version: string;
  /** Lower-case hex. */
  sha256: string;
  /** A file of it that lies beside it; `MACHINE` in its name stands for the machine's. */
  unpack?: { member: string; to: string };
}

/** Node.js as npm's `node-linux-<arch>` packages it, at /var/lang/bin/node. */
export interface NodeBuild {
  kind: "node";
  version: string;
  /** npm's SHA-512 of the tarball. */
  integrity: Readonly<Record<Arch, string>>;
  /** Links to make: target by path. */
  links?: Readonly<Record<string, string>>;
}

/** A language out of Debian's packages. */
export interface DebianBuild {
  kind: "debian";
  suite: Suite;
  /** What the suite has, for instance `3.13`: the first numbers of the version. */
  version: string;
  /** In addition to the user space that every image has. */
  packages: readonly string[];
  /** A directory, relative to the root, that comes from packages of another release: nothing in it may be compiled. */
  borrowed?: { suite: Suite; packages: readonly string[]; directory: string };
  /** What trimming must leave in addition to the usual: names by directory. */
  keep?: Readonly<Record<string, readonly string[]>>;
  /** A directory that becomes /var/lang and is left as a link; `ARCH` in it stands for Debian's name of the architecture. */
  lang?: string;
  /** Paths relative to the root that functions have no use for. */
  remove?: readonly string[];
  /** Links to make: target by path. */
  links?: Readonly<Record<string, string>>;
  /** Libraries of the bootstrap, to /var/runtime/lib under their names without versions. */
  jars?: readonly MavenJar[];
  /** What Java's programs trust, made of the certificates of the tree: /etc/ssl/certs/java/cacerts. */
  javaKeyStore?: boolean;
  /** Commands that run inside the finished tree, with its root as theirs: what installing would have compiled. */
  finish?: readonly (readonly string[])[];
}

/** The user space alone: the function brings its runtime. */
export interface ProvidedBuild {
  kind: "provided";
  version: string;
}

/** An image of a registry, with the family's bootstrap over it where there is one. */
export interface OciBuild {
  kind: "oci";
  version: string;
  /** For instance `registry.example/lambda/dotnet@sha256:…`. */
  oci: string;
}

export type RuntimeBuild = NodeBuild | DebianBuild | ProvidedBuild | OciBuild;

/** The release that a build's user space is of. */
export function suiteOf(build: RuntimeBuild): Suite {
  return build.kind === "debian" ? build.suite : "bookworm";
}
