/**
 * A company's logo as its papers can print it: PNG or JPEG, looked through before it is kept, since the printer and every mail
 * reader will open it. SVG is refused: it can hold scripts and addresses of others.
 */

export const LOGO_LIMIT_BYTES = 300_000;
const SIDE_MOST = 4000;
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

export type LogoReading =
  | { readonly dataUri: string; readonly width: number; readonly height: number }
  | { readonly fault: string };

/** Reads an image whole: its kind by its bytes, its size, that it ends where it says. */
export function readLogo(content: Buffer): LogoReading {
  if (content.length > LOGO_LIMIT_BYTES)
    return {
      fault: `is larger than ${LOGO_LIMIT_BYTES / 1000} KB; a logo 600 pixels wide is enough`,
    };
  const head = content.subarray(0, 512).toString('latin1').trimStart().toLowerCase();
  if (head.startsWith('<svg') || head.startsWith('<?xml'))
    return { fault: 'is an SVG, which can hold scripts; save it as PNG, 600 pixels wide' };
  const size = content.subarray(0, 8).equals(PNG) ? pngSize(content) : jpegSize(content);
  if (size === null) return { fault: 'is no PNG or JPEG, or is cut off; save it again as PNG' };
  const { kind, width, height } = size;
  if (width === 0 || height === 0 || width > SIDE_MOST || height > SIDE_MOST)
    return { fault: `is ${width} by ${height} pixels; up to ${SIDE_MOST} are printed` };
  return { dataUri: `data:image/${kind};base64,${content.toString('base64')}`, width, height };
}

interface Size {
  readonly kind: 'png' | 'jpeg';
  readonly width: number;
  readonly height: number;
}

/** Chunk by chunk to IEND (PNG specification, 5.3). */
function pngSize(content: Buffer): Size | null {
  let size: Size | null = null;
  for (let at = 8; at + 12 <= content.length; ) {
    const length = content.readUInt32BE(at);
    const type = content.toString('latin1', at + 4, at + 8);
    if (at + 12 + length > content.length) return null;
    if (type === 'IHDR' && length === 13)
      size = {
        kind: 'png',
        width: content.readUInt32BE(at + 8),
        height: content.readUInt32BE(at + 12),
      };
    if (type === 'IEND') return size;
    at += 12 + length;
  }
  return null;
}

/** Marker by marker to the frame that tells the size; the file ends with EOI (ITU T.81, B.1). */
function jpegSize(content: Buffer): Size | null {
  if (content.length < 4 || content.readUInt16BE(0) !== 0xffd8) return null;
  if (content.lastIndexOf(Buffer.from([0xff, 0xd9])) < content.length - 64) return null;
  for (let at = 2; at + 9 < content.length; ) {
    if (content[at] !== 0xff) return null;
    const marker = content[at + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame)
      return {
        kind: 'jpeg',
        width: content.readUInt16BE(at + 7),
        height: content.readUInt16BE(at + 5),
      };
    at += marker === 0xff ? 1 : 2 + content.readUInt16BE(at + 2);
  }
  return null;
}
