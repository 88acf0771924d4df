/**
 * What the functions of an account hold of its concurrency in a region. One document per account and region, written in
 * the same transaction as the function that holds: two functions that take the last of it at once get one success and one
 * refusal, and a crash leaves no sum that its functions do not have.
 */
import type { Scope } from "../../base/scope.ts";
import type { Documents, Write } from "../../store/contract.ts";
import type { FunctionDocument } from "../contract.ts";
import { walk } from "../documents.ts";
import { scopePrefix } from "../keys.ts";

/** `account/region` → Ledger */
const LEDGER = "concurrency-ledger";

interface Ledger {
  /** Concurrency by function name; functions that hold none are not in it, so it has at most as many as the account. */
  held: Record<string, number>;
}

/** The sums in memory, for every call and for the account's settings. */
export interface LedgerView {
  /** What functions without a reservation cannot use. */
  held(scope: Scope): number;
  start(): Promise<void>;
  close(): void;
}

export function createLedgerView(documents: Documents): LedgerView {
  const sums = new Map<string, number>();
  const note = (key: string, ledger: Ledger | undefined): void => {
    sums.set(key, ledger === undefined ? 0 : sumOf(ledger));
  };
  const unwatch = documents.watch<Ledger>(LEDGER, "", ({ key, stored }) => note(key, stored?.value));
  return {
    held: (scope) => sums.get(keyOf(scope)) ?? 0,
    async start() {
      for await (const { key, value } of walk<Ledger>(documents, LEDGER, "")) note(key, value);
    },
    close: unwatch,
  };
}

/** What the function takes out of the concurrency that others share: its reservation, else what is provisioned of it. */
export function heldBy(document: FunctionDocument): number {
  return document.reservedConcurrency ?? provisionedTotal(document);
}

export function provisionedTotal(document: FunctionDocument): number {
  let total = 0;
  for (const { requested } of Object.values(document.provisioned ?? {})) total += requested;
  return total;
}

export interface Entry {
  /** What all other functions hold. */
  others: number;
  /** What makes the function hold that much; none when it does already. A transaction with it fails where another was first. */
  writes: Write[];
}

/** The function's entry, about to become `held`. */
export async function entryOf(documents: Documents, scope: Scope, name: string, held: number): Promise<Entry> {
  const key = keyOf(scope);
  const stored = await documents.get<Ledger>(LEDGER, key);
  const { [name]: before = 0, ...rest } = stored?.value.held ?? {};
  const others = sumOf({ held: rest });
  if (before === held) return { others, writes: [] };
  const value: Ledger = { held: held === 0 ? rest : { ...rest, [name]: held } };
  const write: Write = stored
    ? { op: "replace", kind: LEDGER, key, value, version: stored.version }
    : { op: "create", kind: LEDGER, key, value };
  return { others, writes: [write] };
}

function keyOf(scope: Scope): string {
  return scopePrefix(scope).slice(0, -1);
}

function sumOf(ledger: Ledger): number {
  let sum = 0;
  for (const held of Object.values(ledger.held)) sum += held;
  return sum;
}
