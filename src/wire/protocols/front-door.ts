/**
 * Errors of AWS's front door (who calls, may they) under the names and statuses of each protocol. They are thrown in the
 * form that REST services have: a code that ends in `Exception`, and 403.
 * https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
 */
interface FrontDoorError {
  readonly query: string;
  /** Statuses: the AWS JSON services answer all of these with 400. */
  readonly queryStatus: number;
}

const errors: Readonly<Record<string, FrontDoorError>> = {
  AccessDeniedException: { query: "AccessDenied", queryStatus: 403 },
  ExpiredTokenException: { query: "ExpiredToken", queryStatus: 403 },
  IncompleteSignatureException: { query: "IncompleteSignature", queryStatus: 400 },
  InvalidSignatureException: { query: "SignatureDoesNotMatch", queryStatus: 403 },
  MissingAuthenticationTokenException: { query: "MissingAuthenticationToken", queryStatus: 403 },
  ThrottlingException: { query: "Throttling", queryStatus: 400 },
  UnrecognizedClientException: { query: "InvalidClientTokenId", queryStatus: 403 },
};

export function frontDoorError(code: string): FrontDoorError | undefined {
  return Object.hasOwn(errors, code) ? errors[code] : undefined;
}
