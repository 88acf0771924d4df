import type { GuestListener } from "./guest.ts";

/**
 * A part of an environment's life. While it lasts it alone hears the guest; it ends by calling back once, or because
 * somebody stops it.
 */
export interface Phase extends GuestListener {
  /** Nothing is called back afterwards. */
  stop(): void;
}

const ignore = (): void => undefined;

/** The time between calls: the only thing that a guest can do is to end. */
export function restPhase(exited: () => void): Phase {
  return {
    ready: ignore,
    responded: ignore,
    streaming: () => undefined,
    streamed: ignore,
    failed: ignore,
    initFailed: ignore,
    restoreReady: ignore,
    restoreFailed: ignore,
    exited,
    extensionsChanged: ignore,
    extensionExited: exited,
    stop: ignore,
  };
}
