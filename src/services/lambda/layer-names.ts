/** Which layer a request means: a name, or the ARN of a layer or of a version of one. */
import { layerArn, parseLayerArn } from "../../base/arn.ts";
import type { Scope } from "../../base/scope.ts";
import { noSuchResource, notAllowed } from "../../functions/index.ts";
import type { CallContext } from "../../wire/contract.ts";

export interface NamedLayer {
  owner: Scope;
  name: string;
  version?: number;
}

/** A layer of any account, in the caller's region. The domain decides whether the caller may have it. */
export function namedLayer(context: CallContext, text: string | undefined): NamedLayer {
  const { account, region } = context.caller;
  const named = parseLayerArn(text ?? "");
  if (!named) {
    // What has the form of an ARN here is one of AWS's own layers, which are not here.
    if (text === undefined || text.startsWith("arn:")) throw noSuchResource();
    return { owner: { account, region }, name: text };
  }
  if (named.owner.region === region) return named;
  if (named.owner.account === account) throw noSuchResource();
  throw notAllowed(account, named.owner, text ?? "");
}

/** A layer of the caller's own: policies allow other accounts nothing but getting versions. */
export function namedOwnLayer(context: CallContext, text: string | undefined): NamedLayer {
  const named = namedLayer(context, text);
  const { account } = context.caller;
  if (named.owner.account === account) return named;
  throw notAllowed(account, named.owner, layerArn(named.owner, named.name), `lambda:${context.operation}`);
}
