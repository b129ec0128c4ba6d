/**
 * The entity tag of a row's representation. Epoch and version of a row never repeat together (design, section 1); the third part stands for
 * what the API makes of a row, so that a deployment that shows more is seen at once. Weak, since the order of an object's members may
 * differ from read to read.
 */
export const etagOf = (version: number, epoch: string, shape: string): string =>
  `W/"${version}.${encodeURIComponent(epoch)}.${shape}"`;

/** Whether If-None-Match names the tag: weak comparison (RFC 9110, 8.8.3.2 and 13.1.2). What is no list of tags names none. */
export function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  const tags = ifNoneMatch.match(/(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g) ?? [];
  return tags.some((tag) => opaque(tag) === opaque(etag));
}

const opaque = (tag: string): string => tag.replace(/^W\//, '');
