export { createUrlServer, type UrlServer, type UrlServerOptions } from "./server.ts";
