/** Lists that come in pages. */
export interface Listed<T> {
  items: readonly T[] | undefined;
  /** Of the next page. */
  next: string | undefined;
}

export async function everyPage<T>(read: (from: string | undefined) => Promise<Listed<T>>): Promise<T[]> {
  const all: T[] = [];
  let from: string | undefined;
  do {
    const { items = [], next } = await read(from);
    all.push(...items);
    from = next;
  } while (from !== undefined);
  return all;
}
