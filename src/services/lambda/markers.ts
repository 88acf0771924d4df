/** Pagination by marker: opaque to callers, checked when it comes back. */
import type { Architecture, Runtime } from "@aws-sdk/client-lambda";
import type { ListOptions } from "../../functions/contract.ts";
import type { LayerQuery } from "../../functions/layers/contract.ts";
import { invalidParameter } from "../../functions/index.ts";

/** AWS answers with at most 50 items, whatever `MaxItems` says (1 to 10,000). */
const PAGE = 50;
const MAX_MARKER = 1024;

/** `most`: items of a page where the operation has another limit. */
export function listOptions(
  input: { Marker?: string | undefined; MaxItems?: number | undefined },
  most = PAGE,
): ListOptions {
  const limit = Math.max(1, Math.min(input.MaxItems ?? most, most));
  return input.Marker ? { limit, after: fromMarker(input.Marker) } : { limit };
}

export function layerQuery(input: {
  Marker?: string | undefined;
  MaxItems?: number | undefined;
  CompatibleRuntime?: Runtime | undefined;
  CompatibleArchitecture?: Architecture | undefined;
}): LayerQuery {
  return {
    ...listOptions(input),
    ...(input.CompatibleRuntime === undefined ? {} : { runtime: input.CompatibleRuntime }),
    ...(input.CompatibleArchitecture === undefined ? {} : { architecture: input.CompatibleArchitecture }),
  };
}

export function toMarker(after: string): string {
  return Buffer.from(JSON.stringify({ v: 1, after })).toString("base64");
}

function fromMarker(marker: string): string {
  if (marker.length <= MAX_MARKER) {
    try {
      const value: unknown = JSON.parse(Buffer.from(marker, "base64").toString());
      if (value !== null && typeof value === "object" && "after" in value && typeof value.after === "string") {
        // What a name (of a layer: up to 140 characters; or $LATEST) and a version consist of, and nothing else: it
        // becomes part of a key.
        if (/^(?:\$LATEST|[a-zA-Z0-9-_]{1,140}(?:\/\d{10})?)$/.test(value.after)) return value.after;
      }
    } catch (error) {
      throw invalidParameter(`Invalid Marker: ${error instanceof Error ? error.message : "it is not readable"}`);
    }
  }
  throw invalidParameter("Invalid Marker: it was not made by this service.");
}
