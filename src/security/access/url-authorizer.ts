/**
 * Who may call a function URL. AWS asks for two permissions: `lambda:InvokeFunctionUrl`, and `lambda:InvokeFunction` for
 * calls that come through the URL. https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
 */
import { ServiceError } from "../../base/errors.ts";
import { URL_FORBIDDEN, type Authenticator, type UrlAccess, type UrlAuthorizer } from "../contract.ts";
import { evaluate, type PolicyCompiler } from "../policy/index.ts";
import { accessOf, type Access } from "./access.ts";
import { firstOf, keysOf, requestKeys } from "./keys.ts";

export interface UrlAuthorizerOptions {
  readonly authenticator: Authenticator;
  /** Text of the resource policy of a function, a version or an alias; undefined when there is none. */
  readonly policyOf: (functionArn: string) => string | undefined | Promise<string | undefined>;
  readonly compile: PolicyCompiler;
}

const actions = ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"];

export function createUrlAuthorizer({ authenticator, policyOf, compile }: UrlAuthorizerOptions): UrlAuthorizer {
  async function decide(asked: UrlAccess, access: Access): Promise<void> {
    const text = await policyOf(asked.functionArn);
    const resource = text === undefined ? undefined : compile(text, "resource");
    const keys = firstOf(
      keysOf({
        "lambda:functionurlauthtype": asked.authType,
        "lambda:invokedviafunctionurl": "true",
        "lambda:functionarn": asked.functionArn,
      }),
      access.keys,
      requestKeys({
        sourceIp: asked.sourceIp,
        secure: asked.secure,
        userAgent: asked.request.headers["user-agent"],
        region: asked.scope.region,
        receivedAt: asked.receivedAt,
      }),
    );
    for (const action of actions) {
      const request = { principal: access.principal, action, resource: asked.functionArn, keys };
      const decision = evaluate(request, { ...access.policies, resource }, { account: asked.scope.account });
      if (!decision.allowed) throw forbidden();
    }
  }

  return {
    async authorizeUrl(asked) {
      if (asked.authType === "NONE") {
        await decide(asked, accessOf({}));
        return () => undefined;
      }
      const { headers, query } = asked.request;
      const claimed = authenticator.scopeOf(headers, query);
      // AWS tells nothing but this to whoever has not signed.
      if (claimed === undefined) throw forbidden();
      const authenticated = await authenticator.authenticate(asked.request, claimed, "lambda");
      // Nobody learns what a caller may do before it has proven to be that caller.
      return async (body) => {
        const caller = authenticated(body);
        await decide(asked, accessOf(caller));
        return caller;
      };
    },
  };
}

function forbidden(): ServiceError {
  return new ServiceError("AccessDeniedException", URL_FORBIDDEN, { status: 403 });
}
