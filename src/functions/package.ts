/** The code of a request, of either package type, on its way into the store. */
import type { Architecture, PackageType } from "@aws-sdk/client-lambda";
import type { StoredArtifact } from "../artifacts/contract.ts";
import { zipOf, type CodeSource } from "./code.ts";
import type { Domain } from "./domain.ts";
import { invalidParameter, unsupported } from "./errors.ts";
import { imageOf } from "./images.ts";
import { functionArn } from "../base/arn.ts";
import type { Scope } from "../base/scope.ts";

export interface Package {
  /** Bytes that count towards the account's code storage. */
  readonly bytes: number;
  /** Keeps the code safe until `use` has ended, which is to commit a document that names it. */
  store<T>(use: (code: StoredArtifact) => Promise<T>): Promise<T>;
}

interface PackageSource extends CodeSource {
  ImageUri?: string | undefined;
  SourceKMSKeyArn?: string | undefined;
}

/** Throws AWS's errors where the code is not there, or not what the package type says. */
export async function packageOf(
  domain: Domain,
  source: PackageSource | undefined,
  wanted: { scope: Scope; name: string; type: PackageType; architecture: Architecture; use: "create" | "update" },
): Promise<Package> {
  const uri = source?.ImageUri || undefined;
  const key = source?.SourceKMSKeyArn || undefined;
  if (wanted.type === "Zip") {
    if (uri !== undefined) {
      throw invalidParameter(
        wanted.use === "update"
          ? "Please don't provide ImageUri when updating a function with packageType Zip."
          : "Please do not provide ImageUri when the intended function PackageType is Zip.",
      );
    }
    const zip = await zipOf(domain, source);
    const bytes = zip.byteLength;
    if (key === undefined) return { bytes, store: (use) => domain.code.put(zip, use) };
    if (domain.codeKeys === undefined) throw unsupported("SourceKMSKeyArn", "there are no keys of users.");
    const { sealed, clear } = await domain.codeKeys.make(wanted.scope, functionArn(wanted.scope, wanted.name), key);
    return { bytes, store: (use) => domain.code.put(zip, (code) => use({ ...code, sealed }), clear) };
  }
  if (key !== undefined) throw invalidParameter("SourceKMSKeyArn is for functions with the PackageType Zip.");
  const { ZipFile: zip, S3Bucket: bucket, S3Key: object } = source ?? {};
  if (uri === undefined || (zip ?? bucket ?? object) !== undefined) {
    throw invalidParameter(
      wanted.use === "update"
        ? "Please provide ImageUri when updating a function with packageType Image."
        : "Please provide ImageUri when the intended function PackageType is Image.",
    );
  }
  const code = await imageOf(domain.images, uri, wanted.architecture);
  // Its layers are pulled when it is prepared: by then a document names them.
  return { bytes: 0, store: (use) => domain.code.hold(() => use(code)) };
}
