/** What the disk says when it cannot, in words for the operator. */
import { KilnError, messageOf, systemCode } from "./errors.ts";

interface Explanation {
  code: string;
  hint: string;
}

const full: Explanation = {
  code: "DISK_FULL",
  hint: "Free space (or inodes, or quota) on that file system, then try again.",
};
const denied: Explanation = {
  code: "DISK_PERMISSION_DENIED",
  hint: "Give the user that runs Kiln read and write permission there, or choose another directory.",
};
const broken: Explanation = { code: "DISK_FAILED", hint: "Look at the kernel log (dmesg) for errors of the device." };

const explanations: Readonly<Record<string, Explanation>> = {
  ENOSPC: full,
  EDQUOT: full,
  EACCES: denied,
  EPERM: denied,
  EROFS: denied,
  EIO: broken,
};

/**
 * Turns a system error of the disk into a KilnError: `DISK_FULL`, `DISK_PERMISSION_DENIED` or `DISK_FAILED`.
 * Anything else comes back as it was. `doing` completes "Kiln could not …".
 */
export function explainDiskError(thrown: unknown, doing: string): unknown {
  const explanation = explanations[systemCode(thrown) ?? ""];
  if (explanation === undefined) return thrown;
  return new KilnError(explanation.code, `Kiln could not ${doing}: ${messageOf(thrown)}`, {
    hint: explanation.hint,
    cause: thrown,
  });
}
