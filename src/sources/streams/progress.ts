/**
 * The point of a shard up to which everything is handled. Records are handled by several lanes at once, so some after that
 * point may be handled as well.
 */
export interface Progress {
  /** Records in the order of the shard. */
  add(sequenceNumber: string): void;
  handled(sequenceNumber: string): void;
  /** The last record before the first one that is not handled; undefined when there is none yet. */
  readonly upTo: string | undefined;
  /** Nothing is outstanding. */
  readonly complete: boolean;
}

export function createProgress(): Progress {
  /** In order of arrival, which Map keeps; the value says whether it is handled. */
  const outstanding = new Map<string, boolean>();
  let upTo: string | undefined;
  return {
    add: (sequenceNumber) => void outstanding.set(sequenceNumber, false),
    handled(sequenceNumber) {
      if (!outstanding.has(sequenceNumber)) return;
      outstanding.set(sequenceNumber, true);
      for (const [first, isHandled] of outstanding) {
        if (!isHandled) break;
        outstanding.delete(first);
        upTo = first;
      }
    },
    get upTo() {
      return upTo;
    },
    get complete() {
      return outstanding.size === 0;
    },
  };
}
