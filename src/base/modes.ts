/**
 * Modes of files are those that are asked for, whatever umask Kiln was started with: the users of jails pass through
 * directories that a service manager's UMask=0077 would close. What is secret is made with a mode of its own.
 */
export function plainModes(): void {
  process.umask(0o022);
}
