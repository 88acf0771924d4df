/** Policies of an entity: inline ones, and managed ones that are attached. */
import type { Documents } from "../store/contract.ts";
import { checkedPolicy, policySizes } from "./checked-policy.ts";
import { changeEntity } from "./documents.ts";
import type { EntityName } from "./entities.ts";
import { limitExceeded, noInlinePolicy, noSuchEntity } from "./errors.ts";
import type { Managed } from "./managed.ts";

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MAX_ATTACHED = 10;

export interface Attachments {
  putInline(of: EntityName, policyName: string, text: string): Promise<void>;
  removeInline(of: EntityName, policyName: string): Promise<void>;
  attach(of: EntityName, arn: string): Promise<void>;
  detach(of: EntityName, arn: string): Promise<void>;
}

export function createAttachments(documents: Documents, managed: Managed): Attachments {
  return {
    async putInline(of, policyName, text) {
      const [most, quota] = policySizes[of.kind];
      checkedPolicy(text, "identity", most, quota);
      await changeEntity(documents, of, (entity) => {
        const inline = { ...entity.inline, [policyName]: text };
        const total = Object.values(inline).join("").replaceAll(/\s/g, "").length;
        if (total > most)
          throw limitExceeded(`Maximum policy size of ${most} bytes exceeded for ${of.kind} ${of.name} (${quota})`);
        return { ...entity, inline };
      });
    },
    async removeInline(of, policyName) {
      await changeEntity(documents, of, (entity) => {
        if (!Object.hasOwn(entity.inline, policyName)) throw noInlinePolicy(of.kind, policyName);
        const { [policyName]: _gone, ...inline } = entity.inline;
        return { ...entity, inline };
      });
    },
    async attach(of, arn) {
      await managed.get(of.account, arn);
      await changeEntity(
        documents,
        of,
        (entity) => {
          if (entity.attached.includes(arn)) return entity;
          if (entity.attached.length >= MAX_ATTACHED) {
            const quota = `PoliciesPer${of.kind[0]?.toUpperCase()}${of.kind.slice(1)}`;
            throw limitExceeded(`Cannot exceed quota for ${quota}: ${MAX_ATTACHED}`);
          }
          return { ...entity, attached: [...entity.attached, arn] };
        },
        (before) => (before.attached.includes(arn) ? Promise.resolve([]) : managed.useAsAttachment(of.account, arn, 1)),
      );
    },
    async detach(of, arn) {
      await changeEntity(
        documents,
        of,
        (entity) => {
          if (!entity.attached.includes(arn)) throw noSuchEntity(`Policy ${arn} was not found.`);
          return { ...entity, attached: entity.attached.filter((one) => one !== arn) };
        },
        () => managed.useAsAttachment(of.account, arn, -1),
      );
    },
  };
}
