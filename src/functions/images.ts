/** Container images of functions: what requests say of them, and AWS's words for what is wrong with one. */
import type { Architecture } from "@aws-sdk/client-lambda";
import { ImageRefusal, type Images, type StoredArtifact } from "../artifacts/contract.ts";
import { ServiceError } from "../base/errors.ts";
import type { Failure } from "./contract.ts";
import { invalidParameter } from "./errors.ts";

/** The image of a request. Throws AWS's errors; nothing is stored yet. */
export async function imageOf(images: Images, uri: string, architecture: Architecture): Promise<StoredArtifact> {
  try {
    return await images.resolve(uri, architecture);
  } catch (error) {
    throw error instanceof ImageRefusal ? refused(uri, architecture, error) : error;
  }
}

function refused(uri: string, architecture: Architecture, refusal: ImageRefusal): ServiceError {
  switch (refusal.kind) {
    case "missing":
      return invalidParameter(`Source image ${uri} does not exist. Provide a valid source image.`);
    case "reference":
      return invalidParameter(`Source image ${uri} is not valid. Provide a valid source image.`);
    case "foreign":
      return invalidParameter(`Source image ${uri} is not valid. Provide a valid source image. ${refusal.message}.`);
    case "media-type":
      return invalidParameter(
        `The image manifest, config or layer media type for the source image ${uri} is not supported.`,
      );
    case "architecture":
      return invalidParameter(
        `Source image ${uri} is not valid. Provide a valid source image. It ${refusal.message}, and the function's architecture is ${architecture}.`,
      );
    case "denied":
      return new ServiceError(
        "AccessDeniedException",
        "Lambda does not have permission to access the ECR image. Check the ECR permissions.",
        { status: 403, cause: refusal },
      );
    case "invalid":
      return invalidParameter(`Source image ${uri} is not valid. Provide a valid source image. (${refusal.message})`);
  }
}

/** The same where the function is there already: what its state shows. */
export function imageFailure(uri: string, { kind, message }: ImageRefusal): Failure {
  if (kind === "missing")
    return { code: "ImageDeleted", reason: `The function is trying to use a deleted image. ${uri}` };
  if (kind === "denied" || kind === "foreign") {
    return {
      code: "ImageAccessDenied",
      reason: "Lambda does not have permission to access the ECR image. Check the ECR permissions.",
    };
  }
  return { code: "InvalidImage", reason: `The image ${uri} is not valid: ${message}.` };
}

/** Where no images can be had. */
export const noImages: Images = {
  async resolve() {
    throw new ImageRefusal("foreign", "Kiln was started without registries");
  },
  async pull() {
    throw new ImageRefusal("foreign", "Kiln was started without registries");
  },
  async prepare() {
    throw new ImageRefusal("foreign", "Kiln was started without registries");
  },
};
