/** Reading and changing tags; every change is a compare-and-set of the resource's document. */
import { ServiceError } from "../../base/errors.ts";
import type { Documents, Stored } from "../../store/contract.ts";
import { tryBatch } from "../documents.ts";
import { invalidParameter } from "../errors.ts";
import { checkedTags } from "./checked.ts";
import type { TaggedDocument, TaggedResource, Tags } from "./contract.ts";
import { documentKey, resourceOf, taggables } from "./resources.ts";

const ATTEMPTS = 32;

export function createTags(documents: Documents): Tags {
  const read = async (resource: TaggedResource): Promise<Stored<TaggedDocument>> => {
    const { documents: kind, notFound } = taggables[resource.kind];
    const stored = await documents.get<TaggedDocument>(kind, documentKey(resource));
    if (!stored) throw notFound(resource);
    return stored;
  };

  const change = async (
    resource: TaggedResource,
    decide: (tags: Record<string, string>) => Record<string, string>,
  ): Promise<void> => {
    const { documents: kind, changed } = taggables[resource.kind];
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const { key, version, value } = await read(resource);
      const tagged = { ...value, tags: decide(value.tags) };
      const document = changed ? changed(tagged) : tagged;
      if (await tryBatch(documents, [{ op: "replace", kind, key, value: document, version }])) return;
    }
    throw new ServiceError("ResourceConflictException", "The resource is being changed by somebody else. Try again.", {
      status: 409,
    });
  };

  return {
    list: async (resource) => (await read(resource)).value.tags,
    async ofArn(arn) {
      const resource = resourceOf(arn);
      if (resource === undefined) return undefined;
      const stored = await documents.get<TaggedDocument>(taggables[resource.kind].documents, documentKey(resource));
      return stored?.value.tags;
    },
    async add(resource, tags) {
      if (Object.keys(tags).length === 0) {
        throw invalidParameter("An error occurred and the request cannot be processed.");
      }
      checkedTags(tags);
      await change(resource, (current) => checkedTags({ ...current, ...tags }));
    },
    async remove(resource, keys) {
      const gone = new Set(keys);
      await change(resource, (current) =>
        Object.fromEntries(Object.entries(current).filter(([key]) => !gone.has(key))),
      );
    },
  };
}
