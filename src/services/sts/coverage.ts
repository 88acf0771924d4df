/** The members of the inputs of STS that are not honoured, by operation; the others are. */
import { ignored, refused, type CoverageTable } from "../coverage.ts";

const noDevices = "there are no MFA devices";

export const stsCoverage: CoverageTable = {
  AssumeRole: {
    SerialNumber: ignored(noDevices),
    TokenCode: ignored(noDevices),
    TransitiveTagKeys: ignored("the tags of a session do not go on to sessions that it makes"),
    ProvidedContexts: ignored("there are no providers of contexts"),
    SourceIdentity: ignored("it is a condition key of the call, and is not kept with the session"),
  },
  AssumeRoleWithWebIdentity: {
    ProviderId: ignored("it is for providers of OAuth 2.0 without OpenID Connect"),
  },
  GetAccessKeyInfo: {},
  GetCallerIdentity: {},
  GetSessionToken: { SerialNumber: refused(noDevices), TokenCode: refused(noDevices) },
};
