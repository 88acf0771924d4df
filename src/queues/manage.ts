/** Queues themselves: made, found, changed, deleted. */
import { ServiceError } from "../base/errors.ts";
import { newId } from "../base/ids.ts";
import { renamedPrincipals, UnknownPrincipal } from "../base/principals.ts";
import type { Scope } from "../base/scope.ts";
import { StoreConflict } from "../store/contract.ts";
import { changedAttributes, MAX_POLICY, redriveAllowPolicyOf, redrivePolicyOf, wholeAttributes } from "./attributes.ts";
import type { ListOptions, QueueDocument } from "./contract.ts";
import { findIfThere, type QueueDomain } from "./domain.ts";
import { invalidAttribute, invalidParameter, queueDoesNotExist } from "./errors.ts";
import { checkQueueName, isFifoName, parseQueueArn, QUEUE, queueArn, scopeKey, storeName } from "./names.ts";

const MAX_TAGS = 50;

/** AWS gives the same queue to who asks again with the same attributes. */
export async function create(
  domain: QueueDomain,
  scope: Scope,
  name: string,
  attributes: Record<string, string>,
  tags: Record<string, string>,
): Promise<QueueDocument> {
  checkQueueName(name, attributes["FifoQueue"] === "true" || name.endsWith(".fifo"));
  if (isFifoName(name) && attributes["FifoQueue"] !== "true") {
    throw invalidParameter("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
  }
  checkTags(tags);
  const now = domain.clock();
  const kept = await keptAttributes(domain, {}, attributes);
  const wanted = changedAttributes(name, {}, kept);
  await checkRedrive(domain, scope, name, wanted);
  const document: QueueDocument = { name, id: newId(), attributes: wanted, tags, createdAt: now, modifiedAt: now };
  const key = scopeKey(scope, name);
  const found = (await domain.documents.get<QueueDocument>(QUEUE, key))?.value;
  if (found !== undefined) return sameQueue(found, kept);
  try {
    return (await domain.documents.create(QUEUE, key, document)).value;
  } catch (error) {
    if (!(error instanceof StoreConflict)) throw error;
    return create(domain, scope, name, attributes, tags);
  }
}

function sameQueue(found: QueueDocument, attributes: Record<string, string>): QueueDocument {
  const whole = wholeAttributes(found);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (whole[attribute] !== value) {
      throw new ServiceError(
        "QueueNameExists",
        `A queue already exists with the same name and a different value for attribute ${attribute}`,
      );
    }
  }
  return found;
}

export async function list(
  domain: QueueDomain,
  scope: Scope,
  prefix: string,
  { limit, after }: ListOptions,
): Promise<{ items: QueueDocument[]; next?: string }> {
  const { items, next } = await domain.documents.list<QueueDocument>(QUEUE, scopeKey(scope, prefix), {
    limit,
    ...(after === undefined ? {} : { after: scopeKey(scope, after) }),
  });
  const last = items.at(-1)?.value.name;
  return {
    items: items.map(({ value }) => value),
    ...(next === undefined || last === undefined ? {} : { next: last }),
  };
}

export async function remove(domain: QueueDomain, scope: Scope, name: string): Promise<void> {
  const queue = await domain.find(scope, name);
  await domain.documents.remove(QUEUE, scopeKey(scope, name));
  const stored = storeName(scope, queue);
  await domain.queue.purge(stored);
  domain.arrivals.announce(stored);
}

/** Reads, changes and writes the document, again where somebody else was faster. */
export async function change(
  domain: QueueDomain,
  scope: Scope,
  name: string,
  edit: (queue: QueueDocument) => Promise<QueueDocument> | QueueDocument,
): Promise<void> {
  const key = scopeKey(scope, name);
  const stored = await domain.documents.get<QueueDocument>(QUEUE, key);
  if (stored === undefined) throw queueDoesNotExist();
  const value = { ...(await edit(stored.value)), modifiedAt: domain.clock() };
  try {
    await domain.documents.replace(QUEUE, key, value, stored.version);
  } catch (error) {
    if (!(error instanceof StoreConflict)) throw error;
    await change(domain, scope, name, edit);
  }
}

export function setAttributes(
  domain: QueueDomain,
  scope: Scope,
  name: string,
  attributes: Record<string, string>,
): Promise<void> {
  return change(domain, scope, name, async (queue) => {
    if ("FifoQueue" in attributes && !isFifoName(name)) throw invalidAttribute("FifoQueue");
    const kept = await keptAttributes(domain, queue.attributes, attributes);
    const changed = changedAttributes(name, queue.attributes, kept);
    if ("RedrivePolicy" in attributes) await checkRedrive(domain, scope, name, changed);
    return { ...queue, attributes: changed };
  });
}

/**
 * The policy as it is kept. One that could not be read would deny everything to everybody, its owner included. Ids of those
 * who are gone may stay in it, so that statements can be added and taken out beside them.
 */
async function keptAttributes(
  domain: QueueDomain,
  { Policy: before = "" }: Record<string, string>,
  attributes: Record<string, string>,
): Promise<Record<string, string>> {
  const { Policy = "" } = attributes;
  // A text that is too long, or no object, is refused below with the others.
  if (Policy === "" || Policy.length > MAX_POLICY) return attributes;
  if (!domain.isPolicy(Policy)) throw invalidAttribute("Policy");
  try {
    return {
      ...attributes,
      Policy: await renamedPrincipals(Policy, async (name) =>
        before.includes(JSON.stringify(name)) ? name : domain.principals.keptName(name),
      ),
    };
  } catch (error) {
    throw error instanceof UnknownPrincipal ? invalidAttribute("Policy") : error;
  }
}

/** The dead-letter queue is there, of the same kind, and takes from this queue. */
async function checkRedrive(
  domain: QueueDomain,
  scope: Scope,
  name: string,
  attributes: Record<string, string>,
): Promise<void> {
  const policy = attributes["RedrivePolicy"] === undefined ? undefined : redrivePolicyOf(attributes["RedrivePolicy"]);
  if (policy === undefined) return;
  const target = parseQueueArn(policy.deadLetterTargetArn);
  const value = `Value ${attributes["RedrivePolicy"]} for parameter RedrivePolicy is invalid. Reason:`;
  const found = target && (await findIfThere(domain, target.scope, target.name));
  if (target === undefined || found === undefined) {
    throw invalidParameter(`${value} Dead letter target does not exist.`);
  }
  if (isFifoName(name) !== isFifoName(target.name)) {
    throw invalidParameter(`${value} Dead-letter queue must be same type of queue as the source.`);
  }
  const allow = found.attributes["RedriveAllowPolicy"];
  const { redrivePermission = "allowAll", sourceQueueArns = [] } =
    (allow === undefined ? undefined : redriveAllowPolicyOf(allow)) ?? {};
  const allowed =
    redrivePermission === "allowAll" ||
    (redrivePermission === "byQueue" && sourceQueueArns.includes(queueArn(scope, name)));
  if (!allowed) throw invalidParameter(`${value} Queue does not have permissions to use this dead-letter queue.`);
}

export function tag(domain: QueueDomain, scope: Scope, name: string, tags: Record<string, string>): Promise<void> {
  return change(domain, scope, name, (queue) => {
    const all = { ...queue.tags, ...tags };
    checkTags(all);
    return { ...queue, tags: all };
  });
}

export function untag(domain: QueueDomain, scope: Scope, name: string, keys: readonly string[]): Promise<void> {
  return change(domain, scope, name, (queue) => ({
    ...queue,
    tags: Object.fromEntries(Object.entries(queue.tags).filter(([key]) => !keys.includes(key))),
  }));
}

function checkTags(tags: Record<string, string>): void {
  const keys = Object.keys(tags);
  if (keys.length > MAX_TAGS) throw invalidParameter("Too many tags added for queue.");
  for (const [key, value] of Object.entries(tags)) {
    if (key.length < 1 || key.length > 128 || /^aws:/i.test(key)) throw invalidParameter(`Tag key ${key} is invalid.`);
    if (value.length > 256) throw invalidParameter(`The value of tag ${key} is invalid.`);
  }
}

/** The queues whose dead letters come here. */
export async function deadLetterSources(
  domain: QueueDomain,
  scope: Scope,
  name: string,
  { limit, after }: ListOptions,
): Promise<{ items: string[]; next?: string }> {
  await domain.find(scope, name);
  const arn = queueArn(scope, name);
  const items: string[] = [];
  let from = after;
  for (;;) {
    const page = await list(domain, scope, "", { limit: 1000, ...(from === undefined ? {} : { after: from }) });
    for (const queue of page.items) {
      const policy = queue.attributes["RedrivePolicy"];
      if (policy === undefined || redrivePolicyOf(policy)?.deadLetterTargetArn !== arn) continue;
      if (items.length === limit) return { items, next: items.at(-1) ?? "" };
      items.push(queue.name);
    }
    if (page.next === undefined) return { items };
    from = page.next;
  }
}
