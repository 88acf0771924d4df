/** Bounds of container images. Sizes in bytes. */
export interface ImageLimits {
  /** All layers, unpacked. */
  unpackedBytes: number;
  /** Entries of all layers together, also those that later layers hide. */
  entries: number;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 10 GB uncompressed, all layers included. */
export const defaultImageLimits: ImageLimits = { unpackedBytes: 10 * 1024 ** 3, entries: 500_000 };

/** As Docker: more layers than that it cannot mount. */
export const MAX_LAYERS = 127;
/** Of a manifest, an index or a configuration. The distribution specification asks registries to take manifests of 4 MiB. */
export const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;
/** Linux's PATH_MAX and NAME_MAX. */
export const MAX_PATH_BYTES = 4096;
export const MAX_NAME_BYTES = 255;
/** Directories within directories. */
export const MAX_DEPTH = 128;
/** Of an image's own variables, as `NAME=VALUE`, all together. */
export const MAX_VARIABLES_BYTES = 64 * 1024;
