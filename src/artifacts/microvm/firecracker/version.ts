/**
 * Which Firecracker Kiln starts. 1.14 is the first with all that Kiln asks of it (`/serial`, free page reporting), and its
 * API is kept through 1.x (RELEASE_POLICY.md, "API support"). Versions with a known way out of the guest are refused,
 * also where Kiln would not go near the flaw: an operator who reads of it should not have to know that.
 */
import { KilnError } from "../../../base/errors.ts";

export type Version = readonly [major: number, minor: number, patch: number];

interface Flaw {
  name: string;
  /** Versions with it: from, up to and with. */
  ranges: readonly (readonly [Version, Version])[];
  what: string;
}

const flaws: readonly Flaw[] = [
  {
    name: "CVE-2026-5747",
    ranges: [
      [
        [1, 13, 0],
        [1, 14, 3],
      ],
      [
        [1, 15, 0],
        [1, 15, 0],
      ],
    ],
    what: "a guest may write outside its memory through virtio over PCI",
  },
];

const LEAST: Version = [1, 14, 4];
const ADVICE = "Take the newest release of Firecracker; it must be 1.14.4 or 1.15.1 at the least.";

function before(one: Version, other: Version): boolean {
  const at = one.findIndex((number, place) => number !== other[place]);
  return at !== -1 && (one[at] ?? 0) < (other[at] ?? 0);
}

/** @param line First line of `firecracker --version`: `Firecracker v1.14.4`. */
export function parseVersion(line: string): Version {
  const match = /^Firecracker v(\d{1,4})\.(\d{1,4})\.(\d{1,4})$/.exec(line.trim());
  if (match === null) {
    throw new KilnError(
      "BAD_FIRECRACKER",
      `This is no release of Firecracker: it says ${JSON.stringify(line.slice(0, 80))}.`,
      {
        hint: "Take the binary of a release, not one that was built from the code in between.",
      },
    );
  }
  return [Number(match[1]), Number(match[2]), Number(match[3])];
}

/** @throws KilnError `BAD_FIRECRACKER` with the reason. */
export function checkVersion(version: Version): void {
  const name = version.join(".");
  const refuse = (reason: string) =>
    new KilnError("BAD_FIRECRACKER", `Firecracker ${name} ${reason}.`, { hint: ADVICE });
  for (const flaw of flaws) {
    if (flaw.ranges.some(([from, to]) => !before(version, from) && !before(to, version))) {
      throw refuse(`has ${flaw.name}: ${flaw.what}`);
    }
  }
  if (before(version, LEAST)) throw refuse("is older than 1.14.4");
  if (version[0] !== 1) throw refuse("has another API than 1.x, which Kiln speaks");
}
