import { ImageRefusal } from "../contract.ts";

/** The image is not what it should be. */
export function badImage(reason: string, cause?: unknown): ImageRefusal {
  return new ImageRefusal("invalid", reason, cause);
}
