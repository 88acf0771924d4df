/**
 * Java of Debian, on AWS's own runtime interface client (https://github.com/aws/aws-lambda-java-libs, Apache-2.0) of
 * Maven Central. The digests pin the bytes that a build may use.
 */
import type { DebianBuild, MavenJar, Suite } from "./builds.ts";

const LIB = "var/runtime/lib";

const jars: readonly MavenJar[] = [
  {
    group: "com.amazonaws",
    artifact: "aws-lambda-java-runtime-interface-client",
    version: "2.9.0",
    sha256: "26568a5f63bf9e921567e77661be425650abc8972bae2aa0b7e99bab4e4239d9",
    // The client would unpack it at every start, to the function's own /tmp.
    unpack: { member: "jni/libaws-lambda-jni.linux-MACHINE.so", to: `${LIB}/jni/libaws-lambda-jni.so` },
  },
  {
    group: "com.amazonaws",
    artifact: "aws-lambda-java-core",
    version: "1.4.0",
    sha256: "575c24393cc1ad645e83e618956eabd89ffe8cc09efae2cb62bc6589154d68ed",
  },
  {
    group: "com.amazonaws",
    artifact: "aws-lambda-java-serialization",
    version: "1.2.0",
    sha256: "1513c1f945a3213f916a4b2de1760c97b51d84d110f82bbbcf9cfac53d5651e7",
  },
  {
    group: "software.amazon.awssdk",
    artifact: "utils-lite",
    version: "2.34.0",
    sha256: "efaf784f07ae526f0b5c89d71ef21cf16636131c47d44616e3df9bedc3f4f89a",
  },
];

/** By runtime identifier. */
export const javaBuilds: Readonly<Record<string, DebianBuild>> = {
  java17: java("bookworm", "17"),
  java21: java("trixie", "21"),
  java25: java("trixie", "25"),
};

function java(suite: Suite, version: string): DebianBuild {
  const lang = `usr/lib/jvm/java-${version}-openjdk-ARCH`;
  return {
    kind: "debian",
    suite,
    version,
    packages: [`openjdk-${version}-jre-headless`],
    keep: { etc: [`java-${version}-openjdk`] },
    remove: ["docs", "man", "lib/server/classes_nocoops.jsa", "lib/server/classes_nocoops_coh.jsa"].map(
      (path) => `var/lang/${path}`,
    ),
    lang,
    links: {
      "etc/pki/java/cacerts": "/etc/ssl/certs/java/cacerts",
      "usr/bin/java": "/var/lang/bin/java",
    },
    jars,
    javaKeyStore: true,
    finish: [["/bin/sh", "/var/runtime/archive-classes"]],
  };
}
