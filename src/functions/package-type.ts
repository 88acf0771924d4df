import type { PackageType } from "@aws-sdk/client-lambda";
import type { FunctionVersion } from "./contract.ts";

export function packageTypeOf({ code }: Pick<FunctionVersion, "code">): PackageType {
  return code.image === undefined ? "Zip" : "Image";
}
