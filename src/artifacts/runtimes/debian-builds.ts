/** Languages that Debian's stable releases have in a version that AWS has, too. */
import type { DebianBuild, Suite } from "./builds.ts";

/** Where Debian has the packages of Python. */
const PACKAGES = "usr/lib/python3/dist-packages";

/** What Debian has of the AWS SDK for Ruby, which AWS's images have in whole; the core with STS and SSO comes along. */
const RUBY_SDK = ["cloudformation", "kms", "s3"].map((service) => `ruby-aws-sdk-${service}`);

/**
 * Debian has some gems of the SDK in a directory that Ruby searches before all gems, those of the function as well. They are
 * put where Debian has the others: then a function's own version comes first.
 */
const MOVE_GEMS = `set -e
cd /usr/share/rubygems-integration/all
for file in /usr/lib/ruby/vendor_ruby/aws-*.rb; do
  name=\${file##*/} name=\${name%.rb}
  spec=$(echo specifications/$name-[0-9]*.gemspec)
  lib=gems/$(basename "$spec" .gemspec)/lib
  mkdir -p "$lib"
  mv "$file" "\${file%.rb}" "$lib"
done`;

/** By runtime identifier. */
export const debianBuilds: Readonly<Record<string, DebianBuild>> = {
  "python3.11": python("bookworm", "3.11"),
  "python3.13": python("trixie", "3.13"),
  "ruby3.3": ruby("trixie", "3.3"),
};

/**
 * With boto3, which AWS's images have as well. Debian 12 has one of 2022, which does not even know AWS_ENDPOINT_URL: its
 * Python gets Debian 13's. What Debian compiles when it installs is compiled here.
 */
function python(suite: Suite, version: string): DebianBuild {
  const interpreter = `/usr/bin/python${version}`;
  const compile = [interpreter, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"];
  return {
    kind: "debian",
    suite,
    version,
    ...(suite === "trixie"
      ? { packages: [`python${version}`, "python3-boto3"] }
      : {
          packages: [`python${version}`],
          borrowed: { suite: "trixie", packages: ["python3-boto3"], directory: PACKAGES },
        }),
    remove: [`usr/lib/python${version}/idlelib`, `usr/lib/python${version}/test`, "usr/bin/pdb3"],
    links: {
      "usr/bin/python": interpreter,
      "var/lang/bin/python": interpreter,
      "var/lang/bin/python3": interpreter,
      [`var/lang/bin/python${version}`]: interpreter,
      [`usr/lib/python${version}/site-packages`]: `/${PACKAGES}`,
      [`var/lang/lib/python${version}`]: `/usr/lib/python${version}`,
    },
    finish: [[...compile, `/usr/lib/python${version}`, `/${PACKAGES}`, "/var/runtime"]],
  };
}

function ruby(suite: Suite, version: string): DebianBuild {
  return {
    kind: "debian",
    suite,
    version,
    packages: [`ruby${version}`, ...RUBY_SDK],
    keep: { "usr/share": ["rubygems-integration"] },
    links: {
      "usr/bin/ruby": `/usr/bin/ruby${version}`,
      "var/lang/bin/ruby": `/usr/bin/ruby${version}`,
      "var/lang/lib/ruby": "/usr/lib/ruby",
    },
    finish: [["/bin/sh", "-c", MOVE_GEMS]],
  };
}
