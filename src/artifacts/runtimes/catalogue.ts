/**
 * AWS's managed runtimes as data: identifier, family, and the dates of AWS's table (developer guide, "Lambda runtimes",
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html, as of August 2026) on which AWS deprecates the
 * runtime, stops the creation of functions and stops their update. A runtime without dates is in preview, or AWS has
 * published none.
 */
import type { RuntimeEntry } from "../contract.ts";
import type { RuntimeBuild } from "./builds.ts";
import { debianBuilds } from "./debian-builds.ts";
import { javaBuilds } from "./java-builds.ts";
import { nodeBuilds } from "./node-builds.ts";
import { whyUnavailable } from "./unavailable.ts";

export interface CatalogueEntry extends RuntimeEntry {
  build?: RuntimeBuild;
}

export type BuildableEntry = CatalogueEntry & { build: RuntimeBuild };

type Row = readonly [
  id: string,
  family: RuntimeEntry["family"],
  deprecated?: string,
  blockCreate?: string,
  blockUpdate?: string,
];

const table: readonly Row[] = [
  ["nodejs26.x", "nodejs"],
  ["nodejs24.x", "nodejs", "2028-04-30", "2028-06-01", "2028-07-01"],
  ["nodejs22.x", "nodejs", "2027-04-30", "2027-06-01", "2027-07-01"],
  ["nodejs20.x", "nodejs", "2026-04-30", "2027-02-01", "2027-03-03"],
  ["nodejs18.x", "nodejs", "2025-09-01", "2027-02-01", "2027-03-03"],
  ["nodejs16.x", "nodejs", "2024-06-12", "2027-02-01", "2027-03-03"],
  ["nodejs14.x", "nodejs", "2023-12-04", "2024-01-09", "2027-03-03"],
  ["nodejs12.x", "nodejs", "2023-03-31", "2023-03-31", "2023-04-30"],
  ["nodejs10.x", "nodejs", "2021-07-30", "2021-07-30", "2022-02-14"],
  ["nodejs8.10", "nodejs", "2020-03-06", "2020-02-04", "2020-03-06"],
  ["nodejs6.10", "nodejs", "2019-08-12", "2019-07-12", "2019-08-12"],
  ["nodejs4.3", "nodejs", "2020-03-05", "2020-02-03", "2020-03-05"],
  ["nodejs4.3-edge", "nodejs", "2020-03-05", "2019-03-31", "2019-04-30"],
  ["nodejs", "nodejs", "2016-08-30", "2016-09-30", "2016-10-31"],
  ["python3.15", "python"],
  ["python3.14", "python", "2029-06-30", "2029-07-31", "2029-08-31"],
  ["python3.13", "python", "2029-06-30", "2029-07-31", "2029-08-31"],
  ["python3.12", "python", "2028-10-31", "2028-11-30", "2029-01-10"],
  ["python3.11", "python", "2027-06-30", "2027-07-31", "2027-08-31"],
  ["python3.10", "python", "2026-10-31", "2027-02-01", "2027-03-03"],
  ["python3.9", "python", "2025-12-15", "2027-02-01", "2027-03-03"],
  ["python3.8", "python", "2024-10-14", "2027-02-01", "2027-03-03"],
  ["python3.7", "python", "2023-12-04", "2024-01-09", "2027-03-03"],
  ["python3.6", "python", "2022-07-18", "2022-07-18", "2022-08-29"],
  ["python2.7", "python", "2021-07-15", "2021-07-15", "2022-05-30"],
  ["java25", "java", "2029-06-30", "2029-07-31", "2029-08-31"],
  ["java21", "java", "2029-06-30", "2029-07-31", "2029-08-31"],
  ["java17.al2023", "java"],
  ["java17", "java", "2027-06-30", "2027-07-31", "2027-08-31"],
  ["java11.al2023", "java"],
  ["java11", "java", "2027-06-30", "2027-07-31", "2027-08-31"],
  ["java8.al2023", "java"],
  ["java8.al2", "java", "2027-06-30", "2027-07-31", "2027-08-31"],
  ["java8", "java", "2024-01-08", "2024-02-08", "2027-03-03"],
  ["dotnet10", "dotnet", "2028-11-14", "2028-12-14", "2029-01-15"],
  ["dotnet8", "dotnet", "2026-11-10", "2027-02-01", "2027-03-03"],
  ["dotnet6", "dotnet", "2024-12-20", "2027-02-01", "2027-03-03"],
  ["dotnetcore3.1", "dotnet", "2023-04-03", "2023-04-03", "2023-05-03"],
  ["dotnetcore2.1", "dotnet", "2022-01-05", "2022-01-05", "2022-04-13"],
  ["dotnetcore2.0", "dotnet", "2019-05-30", "2019-04-30", "2019-05-30"],
  ["dotnetcore1.0", "dotnet", "2019-06-27", "2019-06-30", "2019-07-30"],
  ["ruby4.0", "ruby", "2029-03-31", "2029-04-30", "2029-05-31"],
  ["ruby3.4", "ruby", "2028-03-31", "2028-04-30", "2028-05-31"],
  ["ruby3.3", "ruby", "2027-03-31", "2027-04-30", "2027-05-31"],
  ["ruby3.2", "ruby", "2026-03-31", "2027-02-01", "2027-03-03"],
  ["ruby2.7", "ruby", "2023-12-07", "2024-01-09", "2027-03-03"],
  ["ruby2.5", "ruby", "2021-07-30", "2021-07-30", "2022-03-31"],
  ["provided.al2023", "provided", "2029-06-30", "2029-07-31", "2029-08-31"],
  ["provided.al2", "provided", "2026-07-31", "2027-02-01", "2027-03-03"],
  ["provided", "provided", "2024-01-08", "2024-02-08", "2027-03-03"],
  ["go1.x", "provided", "2024-01-08", "2024-02-08", "2027-03-03"],
];

/** By runtime identifier. */
const builds: Readonly<Record<string, RuntimeBuild>> = {
  ...nodeBuilds,
  ...debianBuilds,
  ...javaBuilds,
  "provided.al2023": { kind: "provided", version: "al2023" },
  "provided.al2": { kind: "provided", version: "al2" },
};

/** What set-up builds: quickly made, and what most begin with. The others are built when they are first wanted. */
export const standard: readonly string[] = ["nodejs24.x", "nodejs22.x", "nodejs20.x", "provided.al2023"];

/** Newest first within a family. */
export const catalogue: readonly CatalogueEntry[] = table.map(([id, family, deprecated, blockCreate, blockUpdate]) => {
  const build = builds[id];
  return {
    id,
    family,
    ...(deprecated === undefined ? {} : { deprecated }),
    ...(blockCreate === undefined ? {} : { blockCreate }),
    ...(blockUpdate === undefined ? {} : { blockUpdate }),
    ...(build === undefined ? { unavailable: whyUnavailable(id, family, Object.keys(builds)) } : { build }),
  };
});

export function isBuildable(entry: CatalogueEntry): entry is BuildableEntry {
  return entry.build !== undefined;
}
