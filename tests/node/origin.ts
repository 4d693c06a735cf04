// The scripted origin as the tests use it: at two addresses, and with its ports in texts of the behaviour cases.
import { Origin } from 'octofetch/testing';

/** Of the program that the variable OCTO_ORIGIN names, as ctest sets it. */
export function startOrigin(): Promise<Origin> {
  return Origin.start({ addresses: ['127.0.0.1', '127.0.0.2'] });
}

/** Replaces {origin}, {ca_file}, {http}, {http.port} and so on; `scheme` says what {origin} means. */
export function fill(origin: Origin, text: string, scheme = 'http'): string {
  return text.replace(/\{([^{}]+)\}/g, (found, inner: string) => {
    const name = inner === 'origin' ? scheme : inner;
    if (name === 'ca_file') return origin.caFile;
    const listener = name.replace(/\.port$/, '');
    if (!(listener in origin.ports)) return found;
    return name === listener ? origin.url(listener) : String(origin.ports[listener]);
  });
}
