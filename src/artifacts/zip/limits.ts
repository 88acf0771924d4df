/** Bounds of what a zip may unpack to. */
export interface ZipLimits {
  /** Unpacked bytes stay below this. */
  unzippedBytes: number;
  /** Files, links and directories, with the directories that the paths imply. */
  entries: number;
}

/** 250 MB is AWS's quota: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const defaultZipLimits: ZipLimits = { unzippedBytes: 262_144_000, entries: 100_000 };

/** Linux's NAME_MAX and PATH_MAX, in bytes. */
export const MAX_NAME_BYTES = 255;
export const MAX_PATH_BYTES = 4_096;
