/** Why Kiln has no image of a runtime that AWS has, and what to do about it. */
import type { RuntimeEntry } from "../contract.ts";

const REASONS: Readonly<Record<RuntimeEntry["family"], string>> = {
  nodejs: "it is too old for Kiln's bootstrap",
  python: "Debian 12 and 13, which Kiln's images are made of, have Python 3.11 and 3.13 only",
  java: "Debian 12 and 13, which Kiln's images are made of, have Java 17, 21 and 25 only",
  dotnet: "Debian has no .NET",
  ruby: "of the versions that AWS has, Debian 12 and 13, which Kiln's images are made of, have Ruby 3.3 only",
  provided: "AWS itself has replaced it by provided.al2023",
};

/** One or two sentences. `available` has the runtimes that have an image. */
export function whyUnavailable(id: string, family: RuntimeEntry["family"], available: readonly string[]): string {
  const prefix = family === "provided" ? "provided" : family;
  const same = available.filter((other) => other.startsWith(prefix));
  const instead =
    same.length === 0
      ? "Build the function as an executable for provided.al2023, or as a container image."
      : `Choose ${oneOf(same)}, or bring the language along: in a layer or the zip, on provided.al2023, or in a container image.`;
  return `Kiln has no image of ${id}: ${REASONS[family]}. ${instead}`;
}

function oneOf(names: readonly string[]): string {
  return names.length === 1 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} or ${names.at(-1) ?? ""}`;
}
