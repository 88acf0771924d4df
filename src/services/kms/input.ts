/** What the inputs of several operations have in common. */
import { unsupported, validation } from "../../kms/errors.ts";
import type { PageOptions } from "../../kms/contract.ts";

export function required<T>(value: T | undefined, member: string): T {
  if (value === undefined) {
    throw validation(
      `1 validation error detected: Value null at '${member.charAt(0).toLowerCase()}${member.slice(1)}' failed to satisfy constraint: Member must not be null`,
    );
  }
  return value;
}

/** From 1 byte up to `most`. */
export function bytesOf(value: Uint8Array | undefined, member: string, most: number): Uint8Array {
  const bytes = required(value, member);
  if (bytes.length >= 1 && bytes.length <= most) return bytes;
  const bound = bytes.length === 0 ? "greater than or equal to 1" : `less than or equal to ${most}`;
  throw validation(
    `1 validation error detected: Value at '${member.charAt(0).toLowerCase()}${member.slice(1)}' failed to satisfy constraint: Member must have length ${bound}`,
  );
}

export function pageOf(
  { Limit, Marker }: { Limit?: number | undefined; Marker?: string | undefined },
  most: number,
): PageOptions {
  const limit = Limit ?? Math.min(100, most);
  if (!(limit >= 1 && limit <= 1000)) throw validation("Limit is 1 to 1000.");
  return { limit: Math.min(limit, most), after: Marker };
}

export function requireSymmetric(algorithm: string | undefined): void {
  if (algorithm === undefined || algorithm === "SYMMETRIC_DEFAULT") return;
  throw unsupported(`The algorithm ${algorithm} is not built: only SYMMETRIC_DEFAULT is.`);
}

export function requireDefault(policyName: string | undefined): void {
  if ((policyName ?? "default") !== "default") throw validation("The only valid policy name is default.");
}

export function refuseRecipient({ Recipient }: { Recipient?: unknown }): void {
  if (Recipient !== undefined) throw unsupported("Recipients in enclaves are not built.");
}

/** Of the data key that is asked for. */
export function dataKeyBytes(input: { KeySpec?: string | undefined; NumberOfBytes?: number | undefined }): number {
  const { KeySpec: spec, NumberOfBytes: count } = input;
  if ((spec === undefined) === (count === undefined)) {
    throw validation("Please specify either number of bytes or key spec.");
  }
  if (count !== undefined) {
    if (count >= 1 && count <= 1024) return count;
    throw validation("NumberOfBytes is 1 to 1024.");
  }
  if (spec === "AES_256") return 32;
  if (spec === "AES_128") return 16;
  throw validation("KeySpec is AES_256 or AES_128.");
}
