const KNOWN_FORM = /(Runtime|Function)\.[A-Z][a-zA-Z]+/;

/** The error type of a report, cut down to the forms that AWS lets through (`fatalerror.go` of its emulator). */
export function errorType(header: string | undefined): string {
  if (header === undefined) return "Runtime.Unknown";
  if (header.length <= 256 && KNOWN_FORM.test(header)) return header;
  return header.startsWith("Function.") ? "Function.Unknown" : "Runtime.Unknown";
}
