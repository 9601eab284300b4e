/** Variables with addresses of servers, whose ports are replaced by those of the proxies in front of them. */
export function throughProxies(
  variables: Readonly<Record<string, string>>,
  ports: ReadonlyMap<number, number>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      name,
      value.replaceAll(/127\.0\.0\.1:(\d+)/g, (address, port: string) => {
        const proxy = ports.get(Number(port));
        return proxy === undefined ? address : `127.0.0.1:${String(proxy)}`;
      }),
    ]),
  );
}
