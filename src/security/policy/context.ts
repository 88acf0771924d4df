/** What a request is, as policies see it. */

/**
 * Values of a condition key by its name in lower case; undefined when the request does not have it. An empty list is a
 * key that is there with no values.
 */
export type ConditionKeys = (name: string) => readonly string[] | undefined;

/** Who asks. */
export type PolicyPrincipal =
  | { readonly kind: "root"; readonly account: string; readonly arn: string }
  | { readonly kind: "user"; readonly account: string; readonly arn: string; readonly id: string }
  | {
      /** A session of a role. */
      readonly kind: "session";
      readonly account: string;
      /** `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION` */
      readonly arn: string;
      readonly roleArn: string;
      readonly roleId: string;
    }
  | { readonly kind: "service"; /** `lambda.amazonaws.com` */ readonly service: string }
  | { readonly kind: "federated"; /** ARN or host name of the identity provider. */ readonly provider: string }
  | { readonly kind: "anonymous" };

export interface PolicyRequest {
  readonly principal: PolicyPrincipal;
  /** `lambda:InvokeFunction` */
  readonly action: string;
  /** ARN, or `*` where the action is about no resource in particular. */
  readonly resource: string;
  readonly keys: ConditionKeys;
}
