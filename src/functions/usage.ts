/** What each account uses in each region: kept in memory, so that creating a function does not count all others. */
import type { Scope } from "../base/scope.ts";
import type { AccountUse } from "./contract.ts";
import { FUNCTION, scopePrefix } from "./keys.ts";
import type { LAYER_VERSION } from "./layers/keys.ts";
import type { DocumentKind } from "./preparation.ts";

export interface Usage {
  /** Takes note of the code that a document names; absent means that the document was removed. */
  note(kind: DocumentKind | typeof LAYER_VERSION, key: string, code: { size: number } | undefined): void;
  of(scope: Scope): AccountUse;
}

interface Tally extends AccountUse {
  /** Code size in bytes by kind and key. */
  sizes: Map<string, number>;
}

export function createUsage(): Usage {
  const tallies = new Map<string, Tally>();

  const tallyOf = (prefix: string): Tally => {
    let tally = tallies.get(prefix);
    if (!tally) {
      tally = { sizes: new Map(), totalCodeSize: 0, functionCount: 0 };
      tallies.set(prefix, tally);
    }
    return tally;
  };

  return {
    note(kind, key, code) {
      const tally = tallyOf(prefixOf(key));
      const name = `${kind} ${key}`;
      const before = tally.sizes.get(name);
      if (before !== undefined) {
        tally.totalCodeSize -= before;
        if (kind === FUNCTION) tally.functionCount -= 1;
        tally.sizes.delete(name);
      }
      if (code) {
        tally.totalCodeSize += code.size;
        if (kind === FUNCTION) tally.functionCount += 1;
        tally.sizes.set(name, code.size);
      }
    },
    of(scope) {
      const tally = tallies.get(scopePrefix(scope));
      return { totalCodeSize: tally?.totalCodeSize ?? 0, functionCount: tally?.functionCount ?? 0 };
    },
  };
}

function prefixOf(key: string): string {
  return key.slice(0, key.indexOf("/", key.indexOf("/") + 1) + 1);
}
