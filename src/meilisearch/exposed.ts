/** Whether somebody on the way to `host` reads the API key and all documents: it is not encrypted, and not near. */
export function isExposed(host: string): boolean {
  const { protocol, hostname } = new URL(host)
  const inside =
    /^(localhost|127(\.\d+){3}|10(\.\d+){3}|192\.168(\.\d+){2}|172\.(1[6-9]|2\d|3[01])(\.\d+){2}|\[::1\])$/.test(
      hostname,
    )
  // A name without a dot is a service container's; an IPv6 address has none either.
  return protocol !== 'https:' && !inside && /[.[]/.test(hostname)
}
