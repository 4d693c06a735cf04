// Undoes the Content-Encoding of a body, and reads its text; never makes more than a given number of bytes.
import { gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';

import { DecodeError } from './errors';

export function decoded(body: Buffer, headers: Readonly<Record<string, string>>, sizeMax: number): Buffer {
  const codings = (headers['content-encoding'] ?? '').split(',').map((coding) => coding.trim().toLowerCase());
  return codings
    .reverse()
    .filter((coding) => coding !== '' && coding !== 'identity')
    .reduce((bytes, coding) => inflated(bytes, coding, sizeMax), body);
}

/** `encoding` when given, else the charset of the Content-Type, else UTF-8. */
export function textOf(
  bytes: Buffer,
  headers: Readonly<Record<string, string>>,
  encoding: string | undefined,
): string {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(headers['content-type'] ?? '')?.[1];
  const label = encoding ?? charset ?? 'utf-8';
  try {
    return new TextDecoder(label).decode(bytes);
  } catch (cause) {
    throw new DecodeError(`no text can be read as ${JSON.stringify(label)}`, { cause });
  }
}

function inflated(bytes: Buffer, coding: string, sizeMax: number): Buffer {
  const options = { maxOutputLength: sizeMax };
  try {
    if (coding === 'gzip' || coding === 'x-gzip') return gunzipSync(bytes, options);
    if (coding === 'deflate') {
      // Some origins leave the zlib header out (RFC 9110, 8.4.1.2); its first byte has 8 in the low half.
      const hasHeader = ((bytes[0] ?? 8) & 0x0f) === 8;
      return hasHeader ? inflateSync(bytes, options) : inflateRawSync(bytes, options);
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new DecodeError(`the body becomes larger than objectSizeMax, ${sizeMax} bytes; raise that option`, {
        cause,
      });
    }
    throw new DecodeError(`the body is not the ${coding} that its Content-Encoding says: ${(cause as Error).message}`, {
      cause,
    });
  }
  throw new DecodeError(
    `the body is encoded as ${JSON.stringify(coding)}; gzip and deflate are undone, others by you, from .body`,
  );
}
