/** Loop devices: files that are mounted as disks. */
import { closeSync, openSync } from "node:fs";
import { systemCode } from "../../base/errors.ts";
import { ioctl, ioctlValue } from "./libc.ts";

const LOOP_CTL_GET_FREE = 0x4c82;
const LOOP_CONFIGURE = 0x4c0a;
const LO_FLAGS_READ_ONLY = 1;
/** The device lets go of its file when its last user, the mount, is gone: nothing to clean after a crash. */
const LO_FLAGS_AUTOCLEAR = 4;
/** struct loop_config: u32 fd, u32 block size, struct loop_info64 (232 bytes), u64 reserved[8]. */
const LOOP_CONFIG_SIZE = 8 + 232 + 64;
const FLAGS_OFFSET = 8 + 52;
const ATTEMPTS = 64;

export interface LoopDevice {
  readonly path: string;
  /** Once mounted: the mount keeps the device from then on. */
  close(): void;
}

function loopConfig(imageFd: number, access: "ro" | "rw"): Uint8Array {
  const bytes = new Uint8Array(LOOP_CONFIG_SIZE);
  new Uint32Array(bytes.buffer, 0, 1)[0] = imageFd;
  new Uint32Array(bytes.buffer, FLAGS_OFFSET, 1)[0] = (access === "ro" ? LO_FLAGS_READ_ONLY : 0) | LO_FLAGS_AUTOCLEAR;
  return bytes;
}

/** A loop device over an open file. Another process may take the free device first: then the next. */
export function attachLoop(imageFd: number, access: "ro" | "rw"): LoopDevice {
  const control = openSync("/dev/loop-control", "r+");
  try {
    for (let attempt = 1; ; attempt++) {
      const path = `/dev/loop${ioctlValue(control, LOOP_CTL_GET_FREE, 0)}`;
      const device = openSync(path, access === "ro" ? "r" : "r+");
      try {
        ioctl(device, LOOP_CONFIGURE, loopConfig(imageFd, access));
        return { path, close: () => closeSync(device) };
      } catch (error) {
        closeSync(device);
        if (systemCode(error) !== "EBUSY" || attempt === ATTEMPTS) throw error;
      }
    }
  } finally {
    closeSync(control);
  }
}
