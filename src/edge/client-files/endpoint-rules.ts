/**
 * A Smithy endpoint rule set with one answer: the endpoint that the user gave, else Kiln.
 * Format: https://smithy.io/2.0/additional-specs/rules-engine/specification.html
 */
const parameter = (builtIn: string, type: "String" | "Boolean"): object => ({
  builtIn,
  type,
  required: type === "Boolean",
  documentation: builtIn,
  ...(type === "Boolean" ? { default: false } : {}),
});

const endpoint = (url: unknown): object => ({ url, properties: {}, headers: {} });

export function endpointRules(url: string): object {
  return {
    version: "1.0",
    parameters: {
      Region: parameter("AWS::Region", "String"),
      UseDualStack: parameter("AWS::UseDualStack", "Boolean"),
      UseFIPS: parameter("AWS::UseFIPS", "Boolean"),
      Endpoint: parameter("SDK::Endpoint", "String"),
    },
    rules: [
      {
        conditions: [{ fn: "isSet", argv: [{ ref: "Endpoint" }] }],
        endpoint: endpoint({ ref: "Endpoint" }),
        type: "endpoint",
      },
      { conditions: [], endpoint: endpoint(url), type: "endpoint" },
    ],
  };
}
