/** RFC 4648 section 4, with padding and with unused bits zero: each row of bytes has one text only. Null for any other text. */
export const decodeBase64 = (text: string): Buffer | null => {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
};
