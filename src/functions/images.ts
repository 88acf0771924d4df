/** Container images of functions: what requests say of them, and AWS's words for what is wrong with one. */
import type { Architecture } from "@aws-sdk/client-lambda";
import { ImageRefusal, type Images, type StoredArtifact } from "../artifacts/contract.ts";
import { KilnError, ServiceError } from "../base/errors.ts";
import type { FunctionImage } from "../worker/contract.ts";
import type { Failure, FunctionVersion } from "./contract.ts";
import { invalidParameter } from "./errors.ts";

/** The image of a request. Throws AWS's errors; nothing is stored yet. */
export async function imageOf(images: Images, uri: string, architecture: Architecture): Promise<StoredArtifact> {
  try {
    return await images.resolve(uri, architecture);
  } catch (error) {
    if (error instanceof ImageRefusal) throw refused(uri, architecture, error);
    throw error instanceof KilnError && error.code.startsWith("REGISTRY_") ? noAnswer(uri, error) : error;
  }
}

/** Clients try again; whoever reads the message knows where to look. */
function noAnswer(uri: string, cause: KilnError): ServiceError {
  return new ServiceError("ServiceException", `The source image ${uri} could not be read. ${cause.message}`, {
    status: 500,
    cause,
  });
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

/** What runs of a container image: what the function's configuration says, or else the image's own. */
export function imageProgram({ code, settings }: FunctionVersion): Omit<FunctionImage, "root"> {
  const { entryPoint = [], command = [], workingDirectory = "", environment = {} } = code.image ?? {};
  const { EntryPoint = [], Command = [], WorkingDirectory } = settings.ImageConfig ?? {};
  // As in Docker: another entry point is not followed by the image's command.
  const own = EntryPoint.length === 0 ? command : [];
  const argv = [...(EntryPoint.length > 0 ? EntryPoint : entryPoint), ...(Command.length > 0 ? Command : own)];
  return { argv, workingDirectory: WorkingDirectory || workingDirectory || "/", environment };
}

/** Throws ImageRefusal when there is nothing to run. */
export function requireProgram(version: FunctionVersion): void {
  if (imageProgram(version).argv.length === 0) {
    throw new ImageRefusal("invalid", "neither an entry point nor a command says what to run");
  }
}

/** Where no images can be had. */
export const noImages: Images = {
  stop: () => undefined,
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
