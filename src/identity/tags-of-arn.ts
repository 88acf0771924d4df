import type { Documents } from "../store/contract.ts";
import type { EntityKind, Tags } from "./contract.ts";
import { ENTITY, entityKey, POLICY, policyKey } from "./documents.ts";

const form = /^arn:aws[a-z-]*:iam::(\d{12}):(user|role|group|policy)\/(?:.*\/)?([^/]+)$/;

export async function tagsOfArn(documents: Documents, arn: string): Promise<Tags | undefined> {
  const [, account = "", kind = "", name = ""] = form.exec(arn) ?? [];
  if (name === "") return undefined;
  const found =
    kind === "policy"
      ? await documents.get<{ tags: Tags }>(POLICY, policyKey(account, name))
      : await documents.get<{ tags: Tags }>(ENTITY, entityKey(account, kind as EntityKind, name));
  return found?.value.tags;
}
