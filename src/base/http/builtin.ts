/**
 * node:http, for what is called and not only named. Its import as a module makes all that it exports at once, also WebSocket
 * and its like, and with them undici: 35 ms of each start and 14 MB of memory, which Kiln has no use for.
 */
export const http = process.getBuiltinModule("node:http");
