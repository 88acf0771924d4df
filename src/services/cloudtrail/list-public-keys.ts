import type { ListPublicKeysRequest, ListPublicKeysResponse } from "@aws-sdk/client-cloudtrail";
import type { Operation } from "../../wire/contract.ts";
import type { CloudTrailDependencies } from "./dependencies.ts";

/** Years that a key is said to be good for: it is used until its file is another one. */
const YEARS = 20;

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListPublicKeys.html */
export function listPublicKeys({
  trails: { publicKey },
}: CloudTrailDependencies): Operation<ListPublicKeysRequest, ListPublicKeysResponse> {
  return async () => {
    const start = new Date(publicKey.since);
    const end = new Date(start);
    end.setUTCFullYear(start.getUTCFullYear() + YEARS);
    const key = { Value: publicKey.der, Fingerprint: publicKey.fingerprint };
    return { PublicKeyList: [{ ...key, ValidityStartTime: start, ValidityEndTime: end }] };
  };
}
