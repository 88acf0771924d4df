/** AWS's limits of one answer of GetLogEvents and FilterLogEvents. */
export const MAX_EVENTS = 10_000;
export const MAX_RESPONSE_BYTES = 1024 * 1024;

/**
 * Bytes of messages that one FilterLogEvents call looks at before it answers with what it has and a token: a search
 * for something rare does not hold the server for the whole of a large group.
 */
export const MAX_SCAN_BYTES = 16 * 1024 * 1024;
