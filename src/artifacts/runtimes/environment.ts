/**
 * The variables that a runtime's image brings, as AWS documents them
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html,
 * https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html#packaging-layers-paths). A function may change
 * them, except AWS_EXECUTION_ENV.
 */
import type { RuntimeEntry } from "../contract.ts";

export function imageEnvironment(id: string, family: RuntimeEntry["family"]): Record<string, string> {
  const named = { AWS_EXECUTION_ENV: `AWS_Lambda_${id}` };
  switch (family) {
    case "python":
      // PYTHONPATH is set by the bootstrap, which has to know whether the function has one of its own.
      return named;
    case "ruby": {
      const version = `${id.slice("ruby".length)}.0`;
      // With GEM_PATH, RubyGems asks its own directories only where it names them.
      const debian = [`/usr/lib/ruby/gems/${version}`, "/usr/share/rubygems-integration/all"].join(":");
      return {
        ...named,
        GEM_HOME: "/var/runtime",
        GEM_PATH: `/var/task/vendor/bundle/ruby/${version}:/opt/ruby/gems/${version}:${debian}`,
        RUBYLIB: "/var/task:/var/runtime/lib:/opt/ruby/lib",
      };
    }
    case "java":
      return { ...named, JAVA_HOME: "/var/lang" };
    // AWS defines no AWS_EXECUTION_ENV there, and has no language in /var/lang.
    case "provided":
      return {
        PATH: "/usr/local/bin:/usr/bin/:/bin:/opt/bin",
        LD_LIBRARY_PATH: "/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
      };
    case "nodejs":
    case "dotnet":
      return named;
  }
}
