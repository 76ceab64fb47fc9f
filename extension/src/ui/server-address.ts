/** What a person types as the server's address, brought to the form that is stored; null when it cannot be one. */

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/u;

/** Only https keeps a session token safe on the way; this machine itself is the exception. */
export function serverAddress(typed: string): string | null {
  const text = typed.trim();
  const withScheme = /^[a-z]+:\/\//iu.test(text) ? text : `https://${text}`;
  if (!URL.canParse(withScheme)) return null;
  const url = new URL(withScheme);
  if (!isSafe(url) || url.username + url.search + url.hash !== "") return null;
  return url.origin + url.pathname.replace(/\/+$/u, "");
}

/** Only https, or this machine itself. */
export function isSafe({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || (protocol === "http:" && LOOPBACK.test(hostname));
}
