import { awsPolicies, type Identity, type ManagedPolicy } from "../../identity/index.ts";

interface Wanted {
  readonly limit: number;
  readonly after: string | undefined;
  readonly pathPrefix: string | undefined;
  readonly onlyAttached: boolean;
  /** `All`, `AWS` or `Local`. */
  readonly scope: string;
}

/** Where AWS's policies go on in a list; those of the account, whose keys begin with digits, come before. */
const AWS_MARK = "aws:";

/** The account's policies, then AWS's. How often AWS's are attached is not counted. */
export async function allPolicies(
  identity: Identity,
  account: string,
  { limit, after, pathPrefix = "/", onlyAttached, scope }: Wanted,
): Promise<{ items: ManagedPolicy[]; next?: string }> {
  const items: ManagedPolicy[] = [];
  const inAws = after?.startsWith(AWS_MARK) === true;
  if (scope !== "AWS" && !inAws) {
    const own = await identity.managed.list(account, { limit, after, pathPrefix, onlyAttached });
    if (own.next !== undefined) return { items: [...own.items], next: own.next };
    items.push(...own.items);
  }
  if (scope === "Local" || onlyAttached) return { items };
  const all = [...awsPolicies.values()].filter(({ path }) => path.startsWith(pathPrefix));
  const start = inAws ? Number(after.slice(AWS_MARK.length)) : 0;
  const end = start + limit - items.length;
  items.push(...all.slice(start, end));
  return end < all.length ? { items, next: `${AWS_MARK}${end}` } : { items };
}
